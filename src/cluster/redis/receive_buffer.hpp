// The one buffer of a connection that reads values in place.
#pragma once
#include <cstddef>
#include <memory>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace chorus::cluster::redis {

/// Received bytes in one piece: appended behind, consumed in front. What is left moves to the front when room is
/// needed, the memory grows to twice its size while a value does not fit, and shrinks back when all was consumed.
///
/// Limits: none of its own; it grows with what really arrived, and the reader refuses a value that is too big.
/// Thread: none of its own; the owner's.
class ReceiveBuffer {
 public:
  /// `kept`: the size at the beginning and after each value that needed more.
  explicit ReceiveBuffer(std::size_t kept = 64u << 10) : kept_(kept) {}

  /// Room for more, at least a quarter of the whole. Views into bytes() end here.
  MutableBytes room();
  /// `size` bytes of the room were filled.
  void filled(std::size_t size) { end_ += size; }
  /// What waits to be read.
  Bytes bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  /// The first `size` of bytes() were read. Views stay valid until room().
  void consume(std::size_t size) {
    CHORUS_DCHECK(size <= end_ - begin_, "only what was received is consumed");
    begin_ += size;
  }

  std::size_t capacity() const { return capacity_; }

 private:
  void move_to(std::size_t capacity);

  std::size_t kept_;
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace chorus::cluster::redis
