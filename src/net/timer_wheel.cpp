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
  auto const slot = first_used_from(start);
  if (!slot) return std::nullopt;
  return origin_ + tick * (turned_ + 1 + static_cast<std::int64_t>((*slot + slots - start) % slots));
}

std::optional<std::size_t> TimerWheel::first_used_from(std::size_t start) const {
  std::size_t word = start / 64;
  std::uint64_t slots_of_word = used_[word] >> start % 64 << start % 64;
  if (slots_of_word == 0) {
    // The words behind it in the order of their turns; itself last, with the slots before `start`.
    auto const words_behind = std::rotr(used_words_, static_cast<int>(word + 1));
    if (words_behind == 0) return std::nullopt;
    word = (word + 1 + static_cast<std::size_t>(std::countr_zero(words_behind))) % used_.size();
    slots_of_word = used_[word];
  }
  return word * 64 + static_cast<std::size_t>(std::countr_zero(slots_of_word));
}

void TimerWheel::set_used(std::size_t slot, bool used) {
  auto const set = [](std::uint64_t& word, std::size_t bit, bool on) {
    word = on ? word | std::uint64_t{1} << bit : word & ~(std::uint64_t{1} << bit);
  };
  auto& word = used_[slot / 64];
  set(word, slot % 64, used);
  set(used_words_, slot / 64, word != 0);
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
    set_used(slot_of(t), true);
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
  if (ring == nullptr) set_used(slot, false);
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
