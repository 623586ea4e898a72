// Counter: a number that one thread adds to and any thread reads.
#pragma once
#include <atomic>
#include <cstdint>

namespace chorus {

/// Costs what a plain increment costs. Thread: one writer, any readers.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) { add(~n + 1); }
  Counter& operator++() {
    add();
    return *this;
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace chorus
