#include "net/backlog.hpp"

#include <algorithm>

namespace chorus::net {

void Backlog::append(Bytes bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  bool const fits =
      !segments_.empty() && !segments_.back().shared && segments_.back().own.size() + bytes.size() <= segment_bytes_max;
  if (!fits) segments_.emplace_back();
  segments_.back().own.append(bytes);
}

void Backlog::append(SharedBytes const& bytes, std::size_t offset) {
  Bytes const rest = Bytes(*bytes).substr(offset);
  if (rest.size() <= copy_bytes_max) return append(rest);
  size_ += rest.size();
  segments_.push_back({.shared = bytes, .own = {}, .offset = offset});
}

std::size_t Backlog::peek(std::span<iovec> pieces) const {
  std::size_t const count = std::min(pieces.size(), segments_.size());
  for (std::size_t i = 0; i < count; ++i) {
    Bytes const rest = segments_[i].rest();
    pieces[i] = {.iov_base = const_cast<char*>(rest.data()), .iov_len = rest.size()};
  }
  return count;
}

void Backlog::consume(std::size_t n) {
  size_ -= n;
  while (n > 0) {
    Segment& first = segments_.front();
    std::size_t const rest = first.rest().size();
    if (n < rest) {
      first.offset += n;
      return;
    }
    n -= rest;
    segments_.pop_front();
  }
}

}  // namespace chorus::net
