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
/// Thread: the worker's. Pure: knows no clock, time comes in through set_now().
/// Lifetime: outlives the timers armed on it, or is destroyed after they were disarmed.
class TimerWheel final : public Timers {
 public:
  static constexpr Duration tick = std::chrono::milliseconds(8);
  static constexpr std::size_t slots = 64 * 64;  ///< 32.8 s a revolution; later deadlines stay for another one

  explicit TimerWheel(TimePoint start);
  ~TimerWheel() override;
  TimerWheel(TimerWheel const&) = delete;
  TimerWheel& operator=(TimerWheel const&) = delete;

  TimePoint now() const override { return now_; }

  /// A turn begins at `now` (an earlier value counts as no progress). Nothing fires yet: what arrived in the meantime
  /// is handled first, so that a process that was stopped for a while does not time out peers that did answer.
  void set_now(TimePoint now);

  /// Fires everything that is due now. A call-back may arm and disarm any timer, itself and others that are due too;
  /// what it arms for the past fires next time. Returns how many fired.
  std::size_t fire_due();

  /// Both.
  std::size_t advance(TimePoint now) {
    set_now(now);
    return fire_due();
  }

  /// When fire_due() should be called at the latest; nothing when no timer is armed. May be earlier than any deadline
  /// (a slot whose timers belong to a later revolution), at most once a revolution and slot.
  std::optional<TimePoint> next_deadline() const;

  /// How many are armed.
  std::size_t size() const { return size_; }

 private:
  using Ring = Timer*;  // any member of an intrusive ring; nullptr: empty

  void link(Timer& timer) override;
  void unlink(Timer& timer) override;
  std::int64_t tick_of(TimePoint deadline) const;
  void push(Ring& ring, Timer& timer);
  void take_out(Timer& timer);
  std::size_t fire_ring(Ring& ring);
  /// The first slot with timers when the turns go on with `start`.
  std::optional<std::size_t> first_used_from(std::size_t start) const;
  void set_used(std::size_t slot, bool used);

  TimePoint origin_;
  TimePoint now_;
  std::int64_t turned_ = 0;  // ticks up to and with this one have fired
  std::size_t size_ = 0;
  Ring due_ = nullptr;      // taken from its slot, being fired
  Ring overdue_ = nullptr;  // armed for the past: fires with the next fire_due()
  // A bit for each slot that is not empty, and one for each word of these: every turn of a worker asks for the first.
  std::array<std::uint64_t, slots / 64> used_{};
  std::uint64_t used_words_ = 0;
  std::unique_ptr<std::array<Ring, slots>> wheel_;
};

}  // namespace chorus::net
