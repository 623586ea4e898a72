// The worker's clockwork: every deadline of a worker in one hashed wheel.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.hpp"

namespace chorus::net {

/// A hashed wheel of `slots` slots, each `tick` wide. Arming and disarming cost a few pointers; a timer fires at its
/// deadline rounded up to the next tick, so deadlines that are close together fire together.
///
/// Thread: the worker's. Pure: knows no clock, time comes in through advance().
/// Lifetime: outlives the timers armed on it, or is destroyed after they were disarmed.
class TimerWheel final : public Timers {
 public:
  static constexpr Duration tick = std::chrono::milliseconds(8);
  static constexpr std::size_t slots = 4096;  ///< 32.8 s a revolution; later deadlines stay for another one

  explicit TimerWheel(TimePoint start);
  ~TimerWheel() override;
  TimerWheel(TimerWheel const&) = delete;
  TimerWheel& operator=(TimerWheel const&) = delete;

  TimePoint now() const override { return now_; }

  /// Time is now `now` (never goes back: an earlier value counts as no progress); fires everything due. A call-back
  /// may arm and disarm any timer, itself and others that are due too. Returns how many fired.
  std::size_t advance(TimePoint now);

  /// When advance() should be called at the latest; nothing when no timer is armed. May be earlier than any deadline
  /// (a slot whose timers belong to a later revolution), at most once a revolution and slot.
  std::optional<TimePoint> next_deadline() const;

  /// How many are armed.
  std::size_t size() const { return size_; }

 private:
  using Ring = Timer*;  // any member of an intrusive ring; nullptr: empty

  void link(Timer& timer) override;
  void unlink(Timer& timer) override;
  std::int64_t tick_of(TimePoint deadline) const;
  static void push(Ring& ring, Timer& timer);
  void fire_ring(Ring ring, std::size_t& fired);
  std::optional<std::size_t> next_used_slot() const;

  TimePoint origin_;
  TimePoint now_;
  std::int64_t turned_ = 0;  // ticks up to and with this one have fired
  std::size_t size_ = 0;
  Ring due_ = nullptr;      // taken from its slot, being fired
  Ring overdue_ = nullptr;  // armed for the past: fires with the next advance()
  std::array<std::uint64_t, slots / 64> used_{};
  std::unique_ptr<std::array<Ring, slots>> wheel_;
};

}  // namespace chorus::net
