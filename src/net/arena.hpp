// Memory that lives until the end of the turn. Internal to net.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace chorus::net {

/// Bump allocation from blocks, freed wholesale.
class Arena {
 public:
  /// `n` bytes of any content, n > 0.
  char* allocate(std::size_t n) {
    if (static_cast<std::size_t>(end_ - cursor_) < n) next_block(n);
    char* const result = cursor_;
    cursor_ += n;
    used_ += n;
    return result;
  }

  /// Makes a piece that ends at `end` longer by `n` in place, when nothing was allocated behind it and there is room.
  bool extend(char const* end, std::size_t n) {
    if (end != cursor_ || static_cast<std::size_t>(end_ - cursor_) < n) return false;
    cursor_ += n;
    used_ += n;
    return true;
  }

  std::size_t used() const { return used_; }

  void reset();
  /// The kept blocks too, unless something lies in them.
  void give_back() {
    if (used_ == 0) blocks_.clear();
  }

 private:
  static constexpr std::size_t block_size = 1 << 20;
  static constexpr std::size_t kept_blocks_max = 8;  // a burst's memory is given back after it

  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };

  void next_block(std::size_t n);
  void enter(Block const& block) {
    cursor_ = block.bytes.get();
    end_ = cursor_ + block.size;
  }

  std::vector<Block> blocks_;  // all of block_size; the first `entered_` are in use
  std::vector<Block> large_;   // one for each allocation that fits into no block
  std::size_t entered_ = 0;
  std::size_t used_ = 0;
  char* cursor_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace chorus::net
