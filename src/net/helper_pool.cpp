#include "net/helper_pool.hpp"

#include <utility>

namespace chorus::net {

bool HelperPool::run(std::function<void()> work) {
  std::unique_lock lock(mutex_);
  if (stopped_ || limits_.threads_max == 0 || waiting_.size() >= limits_.waiting_max) return false;
  waiting_.push_back(std::move(work));
  if (waiting_.size() > idle_ && threads_.size() < limits_.threads_max) threads_.emplace_back([this] { serve(); });
  lock.unlock();
  changed_.notify_one();
  return true;
}

void HelperPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    --idle_;
    if (stopped_) return;
    {
      auto const work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
    }  // what it held has ended before the lock is taken
    lock.lock();
  }
}

void HelperPool::stop() {
  std::deque<std::function<void()>> dropped;  // ends outside of the lock
  std::vector<std::thread> threads;
  {
    std::lock_guard const lock(mutex_);
    stopped_ = true;
    dropped.swap(waiting_);
    threads.swap(threads_);
  }
  changed_.notify_all();
  dropped.clear();
  for (auto& thread : threads) thread.join();
}

}  // namespace chorus::net
