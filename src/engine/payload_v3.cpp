#include "engine/payload_v3.hpp"

#include <charconv>

#include "base/base64.hpp"
#include "base/utf8.hpp"

namespace chorus::engine::v3 {
namespace {

constexpr char base64_mark = 'b';
constexpr char length_end = ':';
constexpr char digits_end = '\xff';
constexpr char text_mark = 0, binary_mark = 1;

/// Digits of a length: more than any payload has bytes.
constexpr std::size_t digits_max = 10;

/// A type as its number: the byte of a binary packet, the digit of any other.
std::optional<PacketType> type_of(int number) {
  if (number < 0 || number > static_cast<int>(PacketType::noop)) return std::nullopt;
  return static_cast<PacketType>(number);
}

Packet binary_packet(int type, Bytes data) {
  return Packet{type_of(type).value_or(PacketType::noop), MessageKind::binary, data};
}

std::string decimal(std::size_t number) { return std::to_string(number); }

}  // namespace

Result<Packet, PacketError> decode_packet(EncodedPacket packet, std::string& scratch) {
  auto [kind, encoded] = packet;
  if (encoded.empty()) return PacketError::empty;
  char const first = encoded.front();
  encoded.remove_prefix(1);
  if (kind == MessageKind::binary) return binary_packet(static_cast<unsigned char>(first), encoded);
  if (first != base64_mark) {
    auto const type = type_of(first - '0');
    if (!type) return PacketError::unknown_type;
    return Packet{*type, MessageKind::text, encoded};
  }
  if (encoded.empty()) return PacketError::unknown_type;
  auto decoded = decode_base64(encoded.substr(1));
  if (!decoded) return PacketError::bad_base64;
  scratch = std::move(*decoded);
  return binary_packet(encoded.front() - '0', scratch);
}

NextPacket TextPayloadReader::next() {
  if (rest_.empty() && at_start_) return PacketError::bad_framing;
  at_start_ = false;
  while (!rest_.empty()) {
    std::size_t units = 0;
    char const* const end_of_text = rest_.data() + rest_.size();
    auto const [end, error] = std::from_chars(rest_.data(), end_of_text, units);
    if (error != std::errc() || end == end_of_text || *end != length_end) return PacketError::bad_framing;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()) + 1);
    auto const size = utf16_prefix(rest_, units);
    if (!size) return PacketError::bad_framing;
    EncodedPacket const packet{MessageKind::text, rest_.substr(0, *size)};
    rest_.remove_prefix(*size);
    if (!packet.bytes.empty()) return std::optional(packet);
  }
  return std::optional<EncodedPacket>();
}

NextPacket BinaryPayloadReader::next() {
  if (rest_.empty()) return std::optional<EncodedPacket>();
  char const mark = rest_.front();
  auto const end = rest_.substr(0, digits_max + 2).find(digits_end);
  if ((mark != text_mark && mark != binary_mark) || end == Bytes::npos || end == 1) return PacketError::bad_framing;
  std::size_t size = 0;
  for (char const digit : rest_.substr(1, end - 1)) {
    if (digit < 0 || digit > 9) return PacketError::bad_framing;
    size = size * 10 + static_cast<std::size_t>(digit);
  }
  rest_.remove_prefix(end + 1);
  if (size > rest_.size()) return PacketError::bad_framing;
  EncodedPacket const packet{mark == text_mark ? MessageKind::text : MessageKind::binary, rest_.substr(0, size)};
  rest_.remove_prefix(size);
  if (packet.kind == MessageKind::text && !is_utf8(packet.bytes)) return PacketError::bad_framing;
  return std::optional(packet);
}

void append_to_text_payload(std::string& payload, Bytes prefix, Bytes rest) {
  payload += decimal(utf16_size(prefix) + utf16_size(rest));
  payload += length_end;
  payload.append(prefix).append(rest);
}

void append_to_binary_payload(std::string& payload, MessageKind kind, Bytes prefix, Bytes rest) {
  payload += kind == MessageKind::text ? text_mark : binary_mark;
  for (char const digit : decimal(prefix.size() + rest.size())) payload += static_cast<char>(digit - '0');
  payload += digits_end;
  payload.append(prefix).append(rest);
}

}  // namespace chorus::engine::v3
