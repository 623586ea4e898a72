// What clients with the msgpack parser are sent, and send.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "socket/msgpack_packet.hpp"

namespace chorus::testing {

/// The message that a packet in JSON and its attachments come to: `as_msgpack(R"(2["x",1])")`.
inline std::string as_msgpack(Bytes text, std::vector<Bytes> const& attachments = {}) {
  std::string message;
  auto const written = socket::append_msgpack_packet(message, text, attachments);
  if (!written) throw std::runtime_error(std::string(text) + ": " + std::string(socket::to_text(written.error())));
  return message;
}

}  // namespace chorus::testing
