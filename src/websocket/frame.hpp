// WebSocket frames (RFC 6455, 5): what a server writes, and unmasking of what it reads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace chorus::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

/// RFC 6455, 7.4.1.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  invalid_payload = 1007,
  policy = 1008,
  too_big = 1009,
  internal = 1011,
};
CHORUS_ERROR_ENUM(CloseCode)

/// Bytes that write_frame_header() writes at most.
inline constexpr std::size_t frame_header_max = 10;
/// In a frame's first byte: a deflated message begins here (RFC 7692, 6).
inline constexpr unsigned rsv1_bit = 0x40;
/// Payload of a control frame (5.5).
inline constexpr std::size_t control_payload_max = 125;

/// Writes the header of a server's frame: one frame a message (FIN), unmasked. Returns its size, 2, 4 or 10 bytes;
/// `out` has room for frame_header_max.
inline std::size_t write_frame_header(char* out, Opcode opcode, std::uint64_t payload_size) {
  auto const byte = [payload_size](int shift) { return static_cast<char>(payload_size >> shift & 0xff); };
  out[0] = static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  if (payload_size < 126) {
    out[1] = byte(0);
    return 2;
  }
  if (payload_size < 65536) {
    out[1] = 126;
    out[2] = byte(8);
    out[3] = byte(0);
    return 4;
  }
  out[1] = 127;
  for (int i = 0; i < 8; ++i) out[2 + i] = byte(56 - 8 * i);
  return 10;
}

/// Appends a whole frame, its payload given in one part or two. A control frame's has at most control_payload_max
/// bytes.
void append_frame(std::string& out, Opcode opcode, Bytes payload, Bytes rest = {});

/// A whole close frame; `reason` (UTF-8) is cut to what a control frame holds, between characters.
std::string close_frame(std::uint16_t code, Bytes reason = {});
inline std::string close_frame(CloseCode code, Bytes reason = {}) {
  return close_frame(static_cast<std::uint16_t>(code), reason);
}

/// Unmasks `size` bytes in place that begin `offset_in_frame` bytes into their payload (5.3). The key is the four
/// bytes of the wire as they lie in memory. Returns true when all the unmasked bytes are ASCII, which costs nothing
/// here and saves their UTF-8 validation.
bool unmask(char* data, std::size_t size, std::uint32_t key_as_in_memory, std::size_t offset_in_frame = 0);

}  // namespace chorus::websocket
