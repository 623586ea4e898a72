// How long to wait before the next try.
#pragma once
#include <chrono>
#include <cstdint>

namespace chorus::cluster::redis {

struct BackOffLimits {
  std::chrono::milliseconds first{50};
  std::chrono::milliseconds longest{5000};
};

/// Doubles from `first` to `longest`, with full jitter: a crowd that lost one Redis comes back spread out.
/// Thread: none of its own; the owner's.
class BackOff {
 public:
  explicit BackOff(BackOffLimits limits = {}) : limits_(limits), most_(limits.first) {}

  /// The next wait; `random` is any number, all of whose bits are random.
  std::chrono::milliseconds next(std::uint64_t random) {
    auto const wait = std::chrono::milliseconds(random % (static_cast<std::uint64_t>(most_.count()) + 1));
    most_ = most_ * 2 < limits_.longest ? most_ * 2 : limits_.longest;
    return wait;
  }
  /// For what will not change soon: the upper half of the longest.
  std::chrono::milliseconds longest(std::uint64_t random) const {
    auto const half = static_cast<std::uint64_t>(limits_.longest.count()) / 2;
    return limits_.longest - std::chrono::milliseconds(random % (half + 1));
  }
  void reset() { most_ = limits_.first; }

 private:
  BackOffLimits limits_;
  std::chrono::milliseconds most_;
};

}  // namespace chorus::cluster::redis
