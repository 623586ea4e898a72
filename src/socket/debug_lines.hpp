// Debug lines of a namespace (set_debug_areas): names, cut, and lengths; nothing of what was sent.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chorus {
class Admission;
}
namespace chorus::engine {
class SharedMessage;
}

namespace chorus::socket {

class NamespaceCore;
class SocketCore;

/// All of them: for whoever has asked NamespaceCore::debugs(), which is what they cost where nobody asks for them.
/// Cold: what calls them lies out of the way. Thread: the namespace's worker.
struct DebugLines {
  /// `packet_in` and `packet_out`: one event of one socket. `bytes`: of its arguments without attachments.
  struct Packet {
    std::string_view event;
    std::size_t bytes;
    std::size_t attachments;
    std::optional<std::uint64_t> ack_id = std::nullopt;
  };
  [[gnu::cold]] static void came(SocketCore const& socket, Packet const& packet);
  [[gnu::cold]] static void went(SocketCore const& socket, Packet const& packet);
  /// An event to many on this worker, decoded for the line.
  [[gnu::cold]] static void went(NamespaceCore const& nsp, engine::SharedMessage const& message, std::size_t receivers);

  /// `step`: a literal, such as "socket_connected".
  [[gnu::cold]] static void socket(SocketCore const& socket, std::string_view step);
  [[gnu::cold]] static void ended(SocketCore const& socket, std::string_view reason);
  [[gnu::cold]] static void verdict(SocketCore const& socket, std::size_t middleware, Admission const& verdict);
  [[gnu::cold]] static void verdict(SocketCore const& socket, std::string_view event, Admission const& verdict);
  /// `key`: as in Rooms.
  [[gnu::cold]] static void joined(SocketCore const& socket, std::string_view key);
  [[gnu::cold]] static void left(SocketCore const& socket, std::string_view key);
  [[gnu::cold]] static void not_recovered(SocketCore const& socket, std::string_view why);
  [[gnu::cold]] static void mistyped(SocketCore const& socket, Packet const& packet);
};

}  // namespace chorus::socket
