// What a socket carries so that its client can come back to it.
#pragma once
#include <cstdint>
#include <memory>

#include "chorus/socket.hpp"
#include "socket/recovery.hpp"
#include "socket/saved_session.hpp"

namespace chorus::socket {

/// Part of a SocketCore, of those that can be recovered: of a server with connection state recovery, and of a client
/// that knows of it (Socket.IO 4).
struct Recoverable {
  RecoverySecret secret;
  std::uint64_t since = 0;  ///< it connected behind the packet of this number
  Comeback comeback = Comeback::none;
  std::unique_ptr<Restored> restored;  ///< from being found until it is connected
};

}  // namespace chorus::socket
