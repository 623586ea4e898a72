// What the kernel refused: it exists only while a peer reads too slowly. Internal to net.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <deque>
#include <span>
#include <string>

#include "net/connection.hpp"

namespace chorus::net {

/// A queue of bytes: own ones by value, shared ones by reference.
class Backlog {
 public:
  void append(Bytes bytes);
  /// `bytes` from `offset` on. Short ones are copied: a reference would cost more.
  void append(SharedBytes const& bytes, std::size_t offset);

  std::size_t size() const { return size_; }
  /// The first pieces, as many as `pieces` has room for; returns how many.
  std::size_t peek(std::span<iovec> pieces) const;
  /// The first `n` bytes are gone.
  void consume(std::size_t n);

 private:
  static constexpr std::size_t copy_bytes_max = 1024;
  static constexpr std::size_t segment_bytes_max = 64 * 1024;  // own segments grow up to this

  struct Segment {
    SharedBytes shared;  // or else
    std::string own;
    std::size_t offset = 0;  // consumed

    Bytes rest() const { return Bytes(shared ? *shared : own).substr(offset); }
  };

  std::deque<Segment> segments_;
  std::size_t size_ = 0;
};

}  // namespace chorus::net
