// Time is an argument: nothing outside `net` asks a clock. What needs to be called back later owns a Timer.
#pragma once
#include <chrono>

namespace chorus {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;
using Duration = SteadyClock::duration;

class Timers;

/// A call-back at a time. Lives inside its owner, costs no allocation, and takes itself off its wheel when it dies.
///
/// Thread: the worker's on whose Timers it is armed. Not movable: the wheel links to it.
class Timer {
 public:
  using Callback = void (*)(void* owner, TimePoint now);

  /// `callback(owner, now)` runs in a turn of the worker, at or a little after the deadline (Timers::tick).
  Timer(Callback callback, void* owner) : callback_(callback), owner_(owner) {}
  ~Timer();
  Timer(Timer const&) = delete;
  Timer& operator=(Timer const&) = delete;

  bool armed() const { return timers_ != nullptr; }
  TimePoint deadline() const { return deadline_; }
  /// Idempotent; a disarmed timer does not fire, not even when it was due in the same turn.
  void disarm();

 private:
  friend class Timers;
  Callback callback_;
  void* owner_;
  Timers* timers_ = nullptr;
  TimePoint deadline_{};

 public:  // for the implementation of Timers only: an intrusive ring
  Timer* previous_ = nullptr;
  Timer* next_ = nullptr;
};

/// Makes a member function a Timer::Callback: `timer_(timer_callback<&Session::on_timer>, this)`.
template <auto Method>
inline constexpr Timer::Callback timer_callback = nullptr;
template <class T, void (T::*Method)(TimePoint)>
inline constexpr Timer::Callback timer_callback<Method> =
    [](void* owner, TimePoint now) { (static_cast<T*>(owner)->*Method)(now); };

/// Where timers are armed: the worker's wheel, or a test's hand-turned one.
class Timers {
 public:
  virtual ~Timers() = default;

  /// The time at which this turn began. Constant within a turn.
  virtual TimePoint now() const = 0;
  /// (Re)arms `timer`; a deadline in the past fires in the next turn.
  void arm(Timer& timer, TimePoint deadline) {
    timer.disarm();
    timer.timers_ = this;
    timer.deadline_ = deadline;
    link(timer);
  }
  void arm_after(Timer& timer, Duration delay) { arm(timer, now() + delay); }

 protected:
  virtual void link(Timer& timer) = 0;
  virtual void unlink(Timer& timer) = 0;
  /// For implementations: `timer` was already unlinked; marks it as not armed and calls back (it may arm itself again).
  static void fire(Timer& timer, TimePoint now) {
    timer.timers_ = nullptr;
    timer.callback_(timer.owner_, now);
  }

 private:
  friend class Timer;
};

inline void Timer::disarm() {
  if (timers_ == nullptr) return;
  timers_->unlink(*this);
  timers_ = nullptr;
}
inline Timer::~Timer() { disarm(); }

}  // namespace chorus
