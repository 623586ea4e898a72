// Placement: which worker a new session goes to.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <vector>

#include "socket/switchboard.hpp"

namespace chorus::cluster {

/// Sessions per worker, counted from the moment a place is given, so that a crowd that comes at once is spread too.
/// Thread: any.
class Placement {
 public:
  explicit Placement(unsigned workers) : workers_(workers) {}

  /// The least loaded worker; `here` where it is as good as any, for a session that need not move costs less.
  unsigned take(unsigned here) {
    unsigned best = here;
    std::size_t least = load(here);
    for (unsigned w = 0; w < workers_; ++w)
      if (load(w) < least) least = load(best = w);
    take_at(best);
    return best;
  }
  void take_at(unsigned worker) { sessions_[worker].count.fetch_add(1, std::memory_order_relaxed); }
  /// The session has ended, or never began.
  void give_back(unsigned worker) { sessions_[worker].count.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t load(unsigned worker) const { return sessions_[worker].count.load(std::memory_order_relaxed); }

 private:
  struct alignas(64) Load {
    std::atomic<std::size_t> count{0};
  };
  unsigned const workers_;
  std::array<Load, socket::workers_max> sessions_;
};

}  // namespace chorus::cluster
