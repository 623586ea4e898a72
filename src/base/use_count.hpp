// UseCount: how many hold an object that carries its count itself.
#pragma once
#include <atomic>
#include <cstdint>

namespace chorus {

/// For what is made so often that a std::shared_ptr's bytes count. Thread: any. It begins with one use, its maker's.
class UseCount {
 public:
  /// By one who holds it already, or on behalf of one.
  void add() { uses_.fetch_add(1, std::memory_order_relaxed); }
  /// True: that was the last use, and all that the others did is seen.
  bool drop() { return uses_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  std::atomic<std::uint32_t> uses_{1};
};

}  // namespace chorus
