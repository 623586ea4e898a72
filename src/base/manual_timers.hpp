// Timers whose clock is turned by hand: for tests, ours and those of programs (chorus/testing.hpp).
#pragma once
#include <cstddef>
#include <optional>

#include "base/check.hpp"
#include "base/time.hpp"

namespace chorus {

/// Fires in the order of the deadlines, equal ones in the order they were armed; now() is the deadline meanwhile.
/// Thread: one at a time. Cost: each firing looks at all that are armed.
class ManualTimers final : public Timers {
 public:
  ManualTimers() { root_.previous_ = root_.next_ = &root_; }
  ManualTimers(ManualTimers const&) = delete;
  ManualTimers& operator=(ManualTimers const&) = delete;

  TimePoint now() const override { return now_; }

  /// Lets `duration` pass. advance({}) fires what is due now: a timer armed "in the past" included.
  void advance(Duration duration) {
    TimePoint const end = now_ + duration;
    std::size_t fired = 0;
    while (Timer* due = earliest_until(end)) {
      CHORUS_CHECK(++fired < fired_max, "timers arm each other without end");
      if (due->deadline() > now_) now_ = due->deadline();
      unlink(*due);
      fire(*due, now_);
    }
    now_ = end;
  }

  /// Lets `duration` pass without firing, as a wheel does until its next tick. The next advance() makes up for it.
  void pass_unfired(Duration duration) { now_ += duration; }

  /// Of the one that fires next; perhaps in the past.
  std::optional<TimePoint> next_deadline() const {
    Timer const* const next = earliest_until(TimePoint::max());
    return next == nullptr ? std::nullopt : std::optional(next->deadline());
  }

  std::size_t armed() const {
    std::size_t count = 0;
    for (Timer* timer = root_.next_; timer != &root_; timer = timer->next_) ++count;
    return count;
  }

 private:
  static constexpr std::size_t fired_max = 1'000'000;

  Timer* earliest_until(TimePoint end) const {
    Timer* best = nullptr;
    for (Timer* timer = root_.next_; timer != &root_; timer = timer->next_) {
      if (timer->deadline() <= end && (best == nullptr || timer->deadline() < best->deadline())) best = timer;
    }
    return best;
  }

  void link(Timer& timer) override {
    timer.previous_ = root_.previous_;
    timer.next_ = &root_;
    root_.previous_->next_ = &timer;
    root_.previous_ = &timer;
  }
  void unlink(Timer& timer) override {
    timer.previous_->next_ = timer.next_;
    timer.next_->previous_ = timer.previous_;
    timer.previous_ = timer.next_ = nullptr;
  }

  TimePoint now_{std::chrono::hours(1)};
  Timer root_{nullptr, nullptr};
};

}  // namespace chorus
