// Into the order of a namespace with connection state recovery (socket/timeline.hpp), from any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "chorus/socket.hpp"
#include "socket/switchboard.hpp"
#include "socket/timeline.hpp"

namespace chorus::socket {

// Thread: any. The board has a Recovery. What one thread passes here for one namespace is done in that order on each
// worker; on the caller's own worker, before this returns.

/// A packet to members of a namespace. `packet` is an event's without an offset, and is used up.
void emit_in_order(Switchboard& board, TargetPtr target, std::string& packet, std::span<Bytes const> attachments,
                   Timeline::Offset offset);
/// An event without an ack id: it can be recovered, unless it is volatile.
void emit_in_order(Switchboard& board, TargetPtr target, std::string_view event, std::string_view args,
                   std::span<std::string const> attachments);
/// The same to one socket, which may be away.
void emit_to_one_in_order(Switchboard& board, std::string const& nsp, std::string_view socket_id,
                          std::string_view event, std::string_view args, std::span<std::string const> attachments,
                          EmitOptions options);
/// Of what travels to a worker. With connection state recovery it makes a difference.
enum class Order {
  of_letters,
  of_the_namespace,  ///< no later emit may overtake it; it runs no user's code
};
/// Something else, on that worker, which runs no user's code.
void post_in_order(Switchboard& board, std::string_view nsp, unsigned worker, Errand errand);

}  // namespace chorus::socket
