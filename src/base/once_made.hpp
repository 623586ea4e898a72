// OnceMade<T>: a value that is made when somebody first asks for it.
#pragma once
#include <atomic>
#include <mutex>
#include <utility>

namespace chorus {

/// A part of something that many threads share and none changes. Whoever asks first makes it; who asks meanwhile waits,
/// which takes no longer than making it would; later ones pay a load.
/// Thread: any, but for clear(): nobody else may be there then.
template <class T>
class OnceMade {
 public:
  /// `make()` gives the value; if it throws, the next one who asks makes it. The reference lasts until clear().
  template <class Make>
  T const& get(Make&& make) const {
    if (made_.load(std::memory_order_acquire)) return value_;
    std::lock_guard lock(mutex_);
    if (!made_.load(std::memory_order_relaxed)) {
      value_ = std::forward<Make>(make)();
      made_.store(true, std::memory_order_release);
    }
    return value_;
  }

  void clear() {
    if (!made_.load(std::memory_order_relaxed)) return;
    value_ = T();
    made_.store(false, std::memory_order_relaxed);
  }

 private:
  mutable std::atomic<bool> made_{false};
  mutable std::mutex mutex_;
  mutable T value_{};
};

}  // namespace chorus
