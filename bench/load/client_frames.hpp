// WebSocket frames as a client writes and reads them (RFC 6455, 5): just what a load generator needs.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace load {

enum class Opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Appends one whole masked frame, whose payload is the pieces in a row.
void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask);

/// A whole frame at the front of some bytes. A server's frames bear no mask and are not fragmented here.
struct Frame {
  Opcode opcode;
  std::string_view payload;
  std::size_t size;  ///< of the frame, header included
};
/// Nothing: more bytes are needed.
std::optional<Frame> read_frame(std::string_view bytes);

}  // namespace load
