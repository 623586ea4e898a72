#include "net/arena.hpp"

namespace chorus::net {

namespace {
// Not make_unique: that would clear what is about to be written.
std::unique_ptr<char[]> raw_bytes(std::size_t n) { return std::unique_ptr<char[]>(new char[n]); }
}  // namespace

void Arena::next_block(std::size_t n) {
  if (n > block_size) {
    large_.push_back({raw_bytes(n), n});
    return enter(large_.back());
  }
  if (entered_ == blocks_.size()) blocks_.push_back({raw_bytes(block_size), block_size});
  enter(blocks_[entered_++]);
}

void Arena::reset() {
  if (used_ == 0) return;
  used_ = 0;
  large_.clear();
  if (blocks_.size() > kept_blocks_max) blocks_.resize(kept_blocks_max);
  entered_ = 0;
  cursor_ = end_ = nullptr;
}

}  // namespace chorus::net
