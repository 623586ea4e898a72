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
/// Thread: the namespace's worker.
struct DebugLines {
  /// `packet_in` and `packet_out`: one event of one socket. `bytes`: of its arguments without attachments.
  struct Packet {
    std::string_view event;
    std::size_t bytes;
    std::size_t attachments;
    std::optional<std::uint64_t> ack_id = std::nullopt;
  };
  static void came(SocketCore const& socket, Packet const& packet);
  static void went(SocketCore const& socket, Packet const& packet);
  /// An event to many on this worker, decoded for the line.
  static void went(NamespaceCore const& nsp, engine::SharedMessage const& message, std::size_t receivers);

  /// `step`: a literal, such as "socket_connected".
  static void socket(SocketCore const& socket, std::string_view step);
  static void ended(SocketCore const& socket, std::string_view reason);
  static void verdict(SocketCore const& socket, std::size_t middleware, Admission const& verdict);
  static void verdict(SocketCore const& socket, std::string_view event, Admission const& verdict);
  /// `key`: as in Rooms.
  static void joined(SocketCore const& socket, std::string_view key);
  static void left(SocketCore const& socket, std::string_view key);
  static void not_recovered(SocketCore const& socket, std::string_view why);
  static void mistyped(SocketCore const& socket, Packet const& packet);
};

}  // namespace chorus::socket
