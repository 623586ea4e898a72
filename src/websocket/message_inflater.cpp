#include "websocket/message_inflater.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace chorus::websocket {
namespace {

constexpr std::size_t first_room = 4 * 1024;
constexpr std::size_t kept_room_max = 64 * 1024;
constexpr Bytes trailer("\x00\x00\xff\xff", 4);  // which is not sent (RFC 7692, 7.2.2)

}  // namespace

Result<Bytes, CloseCode> MessageInflater::inflate(Bytes deflated, Opcode opcode, std::size_t bytes_max) {
  if (context_ == Context::none) inflater_.reset();
  Utf8Validator validator;
  std::size_t size = 0;
  for (Bytes input : {deflated, trailer}) {
    for (bool more = true; more;) {
      if (size == message_.size()) message_.resize(std::max(first_room, 2 * size));
      auto const room = MutableBytes(message_).subspan(size);
      auto const inflated = inflater_.inflate(input, room);
      if (!inflated) return CloseCode::invalid_payload;
      if (*inflated > bytes_max - size) return CloseCode::too_big;
      if (opcode == Opcode::text && !validator.accept({room.data(), *inflated})) return CloseCode::invalid_payload;
      size += *inflated;
      more = *inflated == room.size();
    }
  }
  if (!inflater_.between_blocks() || !validator.complete()) return CloseCode::invalid_payload;
  return Bytes(message_).substr(0, size);
}

void MessageInflater::release() {
  if (message_.size() <= kept_room_max) return;
  message_ = std::string();
}

}  // namespace chorus::websocket
