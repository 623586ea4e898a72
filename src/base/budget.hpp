// Budget: one limit that many share.
#pragma once
#include <atomic>
#include <cstdint>

namespace chorus {

/// So much of something, for all who take from it together. Thread: any. Lifetime: longer than its takers.
class Budget {
 public:
  explicit Budget(std::uint64_t max) : max_(max) {}

  /// False, and nothing is taken, when there is not so much left.
  bool take(std::uint64_t amount) {
    auto used = used_.load(std::memory_order_relaxed);
    while (amount <= max_ && used <= max_ - amount)
      if (used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed)) return true;
    return false;
  }
  void give_back(std::uint64_t amount) { used_.fetch_sub(amount, std::memory_order_relaxed); }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  std::uint64_t const max_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace chorus
