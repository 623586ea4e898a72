// Guarded<T>: data that can only be reached through its lock. The one home of <mutex> outside net/ and cluster/.
#pragma once
#include <mutex>
#include <utility>

namespace chorus {

/// `nodes_.with([](auto const& table) { return table.size(); });`
/// Thread: any. Keep the closure short: no call-backs, no I/O, no second Guarded inside (but where its comment says
/// so).
template <class T>
class Guarded {
 public:
  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <class F>
  decltype(auto) with(F&& f) {
    std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }
  template <class F>
  decltype(auto) with(F&& f) const {
    std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace chorus
