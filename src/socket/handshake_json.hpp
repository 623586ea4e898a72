// A handshake as Socket.IO's `socket.handshake` has it.
#pragma once
#include <string_view>

#include "chorus/args.hpp"
#include "chorus/handshake.hpp"

namespace chorus::socket {

/// All members but `auth`, which may hold secrets. `address`: what is told as the client's.
void write_handshake(ObjectWriter& object, Handshake const& handshake, std::string_view address);

}  // namespace chorus::socket
