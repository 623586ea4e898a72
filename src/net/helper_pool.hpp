// HelperPool: a few threads for work that blocks, which no worker may do.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace chorus::net {

struct HelperPoolLimits {
  unsigned threads_max = 4;         ///< begun when there is work for them
  std::size_t waiting_max = 1'000;  ///< work that waits for a thread
};

/// Thread: any. Lifetime: what runs is waited for by stop(), which the destructor calls; what only waits is dropped
/// then.
class HelperPool {
 public:
  explicit HelperPool(HelperPoolLimits limits) : limits_(limits) {}
  ~HelperPool() { stop(); }
  HelperPool(HelperPool const&) = delete;
  HelperPool& operator=(HelperPool const&) = delete;

  /// Takes work, which must not throw. False: there is no room for it, or the pool has stopped.
  bool run(std::function<void()> work);
  void stop();

 private:
  void serve();

  HelperPoolLimits const limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool stopped_ = false;
};

}  // namespace chorus::net
