// Messages on their way in, inflated (RFC 7692, 7.2.2).
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/deflate.hpp"
#include "websocket/deflate_parameters.hpp"
#include "websocket/frame.hpp"

namespace chorus::websocket {

/// What a deflated message of `bytes_max` bytes may take up on the wire: what cannot be deflated grows by an eighth at
/// most, and a little for its blocks.
constexpr std::size_t deflated_bytes_max(std::size_t bytes_max) {
  return bytes_max + std::min(bytes_max / 8 + 64, SIZE_MAX - bytes_max);
}

/// Inflates one message after the other, for all connections of a worker, or, where context is taken over, for one.
/// Thread: the owner's. Memory: Inflater's, and the message it has in hand.
class MessageInflater {
 public:
  explicit MessageInflater(int window_bits = deflate_window_bits_max, Context context = Context::none)
      : inflater_(window_bits), context_(context) {}

  /// The message whose frames had `deflated` as payload. It lives until release(), or the next call.
  /// Failure: too_big, as soon as more than `bytes_max` have come of it; invalid_payload, when it is no DEFLATE or ends
  /// too early, or when a text is no UTF-8, found as it is inflated. The connection ends then.
  Result<Bytes, CloseCode> inflate(Bytes deflated, Opcode opcode, std::size_t bytes_max);

  /// The message is done with: memory that only a large one needs is given up.
  void release();

 private:
  Inflater inflater_;
  Context const context_;
  std::string message_;  // its size is the room there is
};

}  // namespace chorus::websocket
