#include "net/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace chorus::net {

namespace {
std::size_t slot_of(std::int64_t tick) { return static_cast<std::size_t>(tick) % TimerWheel::slots; }
}  // namespace

TimerWheel::TimerWheel(TimePoint start)
    : origin_(start), now_(start), wheel_(std::make_unique<std::array<Ring, slots>>()) {}

TimerWheel::~TimerWheel() {
  auto const disarm_all = [](Ring& ring) {
    while (ring != nullptr) ring->disarm();
  };
  disarm_all(overdue_);
  for (Ring& ring : *wheel_) disarm_all(ring);
}

void TimerWheel::set_now(TimePoint now) { now_ = std::max(now_, now); }

std::size_t TimerWheel::fire_due() {
  std::int64_t const from = turned_;
  turned_ = std::max(from, static_cast<std::int64_t>((now_ - origin_) / tick));
  std::size_t fired = fire_ring(overdue_);
  // After a long stop every slot is looked at once, not once a revolution.
  std::int64_t const first = std::max(from + 1, turned_ - static_cast<std::int64_t>(slots) + 1);
  for (std::int64_t t = first; t <= turned_ && size_ > 0; ++t) fired += fire_ring((*wheel_)[slot_of(t)]);
  return fired;
}

std::optional<TimePoint> TimerWheel::next_deadline() const {
  if (overdue_ != nullptr) return now_;
  if (size_ == 0) return std::nullopt;
  std::size_t const start = slot_of(turned_ + 1);
  for (std::size_t step = 0; step < slots;) {
    std::size_t const slot = (start + step) % slots;
    std::uint64_t const word = used_[slot / 64] >> (slot % 64);
    if (word != 0) {
      step += static_cast<std::size_t>(std::countr_zero(word));
      return origin_ + tick * (turned_ + 1 + static_cast<std::int64_t>(step));
    }
    step += 64 - slot % 64;
  }
  return std::nullopt;
}

// Rounded up: a slot's turn comes when all its deadlines of this revolution have passed.
std::int64_t TimerWheel::tick_of(TimePoint deadline) const {
  if (deadline <= origin_) return 0;
  Duration const since = deadline - origin_;
  return since / tick + (since % tick > Duration::zero() ? 1 : 0);
}

void TimerWheel::link(Timer& timer) {
  std::int64_t const t = tick_of(timer.deadline());
  ++size_;
  if (t <= turned_) {
    push(overdue_, timer);
  } else {
    push((*wheel_)[slot_of(t)], timer);
    used_[slot_of(t) / 64] |= std::uint64_t{1} << slot_of(t) % 64;
  }
}

void TimerWheel::unlink(Timer& timer) {
  --size_;
  take_out(timer);
}

void TimerWheel::push(Ring& ring, Timer& timer) {
  if (ring == nullptr) {
    ring = timer.previous_ = timer.next_ = &timer;
    return;
  }
  timer.next_ = ring;
  timer.previous_ = ring->previous_;
  ring->previous_->next_ = &timer;
  ring->previous_ = &timer;
}

// A timer does not know its ring; the three that it can be the first of are asked.
void TimerWheel::take_out(Timer& timer) {
  Ring const rest = timer.next_ == &timer ? nullptr : timer.next_;
  timer.previous_->next_ = timer.next_;
  timer.next_->previous_ = timer.previous_;
  if (due_ == &timer) due_ = rest;
  if (overdue_ == &timer) overdue_ = rest;
  std::size_t const slot = slot_of(tick_of(timer.deadline()));
  Ring& ring = (*wheel_)[slot];
  if (ring == &timer) ring = rest;
  if (ring == nullptr) used_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
}

// The ring is taken as a whole first: what call-backs arm goes elsewhere and is not met again in this round.
std::size_t TimerWheel::fire_ring(Ring& ring) {
  std::size_t fired = 0;
  due_ = std::exchange(ring, nullptr);
  while (due_ != nullptr) {
    Timer& timer = *due_;
    unlink(timer);
    if (tick_of(timer.deadline()) > turned_) {
      link(timer);  // of a later revolution
      continue;
    }
    ++fired;
    fire(timer, now_);
  }
  return fired;
}

}  // namespace chorus::net
