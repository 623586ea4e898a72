#include "engine/payload.hpp"

#include "base/base64.hpp"

namespace chorus::engine {
namespace {

constexpr Bytes message_digit = "4";
constexpr char base64_mark = 'b';

void append_separator(std::string& payload) {
  if (!payload.empty()) payload += payload_separator;
}

}  // namespace

Result<Packet, PacketError> decode_packet(Bytes encoded, std::string& scratch) {
  if (encoded.empty()) return PacketError::empty;
  char const first = encoded.front();
  encoded.remove_prefix(1);
  if (first == base64_mark) {
    auto decoded = decode_base64(encoded);
    if (!decoded) return PacketError::bad_base64;
    scratch = std::move(*decoded);
    return Packet{PacketType::message, MessageKind::binary, scratch};
  }
  if (first < '0' || first > '6') return PacketError::unknown_type;
  return Packet{static_cast<PacketType>(first - '0'), MessageKind::text, encoded};
}

std::optional<Bytes> PayloadReader::next() {
  if (!rest_) return std::nullopt;
  auto const end = rest_->find(payload_separator);
  Bytes const packet = rest_->substr(0, end);
  if (end == Bytes::npos) {
    rest_.reset();
  } else {
    rest_->remove_prefix(end + 1);
  }
  return packet;
}

void append_packet(std::string& payload, Bytes encoded, Bytes rest) {
  append_separator(payload);
  payload.append(encoded).append(rest);
}

void append_message(std::string& payload, MessageKind kind, Bytes data) {
  if (kind == MessageKind::text) return append_packet(payload, message_digit, data);
  append_packet(payload, {&base64_mark, 1});
  append_base64(payload, data);
}

std::size_t message_size(MessageKind kind, Bytes data) {
  return 1 + (kind == MessageKind::text ? data.size() : base64_size(data.size()));
}

}  // namespace chorus::engine
