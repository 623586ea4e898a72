#include "app/supervisor/crew.hpp"

#include <algorithm>
#include <utility>

namespace chorus::app {
namespace {

/// The earlier of two times that may not be there.
std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

std::string_view to_text(ChildState state) {
  switch (state) {
    case ChildState::starting:
      return "starting";
    case ChildState::ready:
      return "ready";
    case ChildState::draining:
      return "draining";
    case ChildState::waiting:
      return "waiting to be restarted";
    case ChildState::ended:
      break;
  }
  return "ended on purpose";
}

Crew::Crew(CrewOptions options)
    : options_(std::move(options)), slots_(options_.slots), incarnations_(options_.incarnations) {
  if (incarnations_.size() < options_.slots) incarnations_.resize(options_.slots);
}

// ---- events ----

Crew::Actions Crew::begin(TimePoint) {
  Actions out;
  for (unsigned slot = 0; slot < options_.slots; ++slot) start(slot, out);
  return out;
}

void Crew::child_started(unsigned slot, Pid pid, TimePoint now) {
  children_.push_back({slot, pid, ChildState::starting, now, now + options_.ready_limit});
}

Crew::Actions Crew::start_failed(unsigned slot, TimePoint now) {
  constexpr Pid no_pid = 0;
  child_started(slot, no_pid, now);
  return child_exited(no_pid, {Ending::Kind::exited, exit_cannot_start}, now);
}

Crew::Actions Crew::child_ready(Pid pid, TimePoint now) {
  Actions out;
  Child* const child = find(pid);
  if (child == nullptr || child->state != ChildState::starting) return out;
  child->state = ChildState::ready;
  child->deadline.reset();
  slots_[child->slot].was_ready = true;
  out.emplace_back(ChildIsReady{child->slot, pid});
  for (Child& older : children_) {
    if (&older == child) break;
    if (older.slot == child->slot && older.state != ChildState::draining) drain(older, true, now, out);
  }
  check_all_ready(out);
  go_on_rolling(out);
  return out;
}

Crew::Actions Crew::child_exited(Pid pid, Ending ending, TimePoint now) {
  Actions out;
  auto const found = std::ranges::find(children_, pid, &Child::pid);
  if (found == children_.end()) return out;
  Lost const lost{*found, has_older(*found), found->state == ChildState::draining || has_newer(*found)};
  children_.erase(found);
  if (ending.on_purpose())
    on_ended(lost, out);
  else
    on_crashed(lost, ending, now, out);
  check_all_ready(out);
  go_on_rolling(out);
  return out;
}

Crew::Actions Crew::tick(TimePoint now) {
  Actions out;
  for (Child& child : children_) {
    if (!child.deadline || *child.deadline > now) continue;
    child.deadline.reset();
    out.emplace_back(ChildTooSlow{child.slot, child.pid, child.state});
    out.emplace_back(KillChild{child.pid});
  }
  if (stopping_ || held_) return out;
  for (unsigned slot = 0; slot < slots_.size(); ++slot)
    if (slots_[slot].restart_at && *slots_[slot].restart_at <= now) start(slot, out);
  return out;
}

Crew::Actions Crew::roll(TimePoint) {
  Actions out;
  roll_wanted_ = !stopping_;
  go_on_rolling(out);
  return out;
}

Crew::Actions Crew::stop(TimePoint now) {
  Actions out;
  if (std::exchange(told_to_stop_, true)) {
    exit_code_ = exit_not_clean;
    for (Child& child : children_) {
      child.deadline.reset();
      out.emplace_back(KillChild{child.pid});
    }
    return out;
  }
  stopping_ = true;
  drain_all(false, now, out);
  return out;
}

Crew::Actions Crew::retire(TimePoint now) {
  Actions out;
  if (std::exchange(stopping_, true)) return out;
  drain_all(true, now, out);
  return out;
}

Crew::Actions Crew::hold(bool held, TimePoint now) {
  held_ = held;
  Actions out = tick(now);
  go_on_rolling(out);
  return out;
}

// ---- what is seen ----

bool Crew::finished() const { return children_.empty() && (stopping_ || std::ranges::all_of(slots_, &Slot::ended)); }

std::optional<TimePoint> Crew::next_deadline() const {
  std::optional<TimePoint> next;
  for (Child const& child : children_) next = earlier(next, child.deadline);
  if (stopping_ || held_) return next;
  for (Slot const& slot : slots_) next = earlier(next, slot.restart_at);
  return next;
}

std::vector<ChildView> Crew::view() const {
  std::vector<ChildView> views;
  for (unsigned slot = 0; slot < slots_.size(); ++slot) {
    auto const restarts = slots_[slot].restarts;
    bool is_empty = true;
    for (Child const& child : children_) {
      if (child.slot != slot) continue;
      views.push_back({slot, child.pid, child.state, child.started, restarts});
      is_empty = false;
    }
    if (is_empty)
      views.push_back({slot, {}, slots_[slot].ended ? ChildState::ended : ChildState::waiting, {}, restarts});
  }
  return views;
}

// ---- decisions ----

Crew::Child* Crew::find(Pid pid) {
  auto const found = std::ranges::find(children_, pid, &Child::pid);
  return found == children_.end() ? nullptr : &*found;
}

bool Crew::has_older(Child const& child) const {
  for (Child const& other : children_) {
    if (other.pid == child.pid) return false;
    if (other.slot == child.slot && other.state != ChildState::draining) return true;
  }
  return false;
}

bool Crew::has_newer(Child const& child) const {
  for (auto other = children_.rbegin(); other != children_.rend(); ++other) {
    if (other->pid == child.pid) return false;
    if (other->slot == child.slot && other->state != ChildState::draining) return true;
  }
  return false;
}

void Crew::start(unsigned slot, Actions& out) {
  slots_[slot].restart_at.reset();
  out.emplace_back(StartChild{slot, incarnations_[slot]++});
}

void Crew::drain(Child& child, bool others_accept, TimePoint now, Actions& out) {
  if (child.state != ChildState::draining)
    child.deadline =
        now + (others_accept ? linger_time : Duration::zero()) + options_.drain_limit + CrewOptions::drain_grace;
  child.state = ChildState::draining;
  out.emplace_back(DrainChild{child.pid, others_accept});
}

void Crew::drain_all(bool others_accept, TimePoint now, Actions& out) {
  rolling_at_.reset();
  roll_wanted_ = false;
  for (Slot& slot : slots_) slot.restart_at.reset();
  for (Child& child : children_) drain(child, others_accept, now, out);
}

void Crew::on_ended(Lost const& lost, Actions& out) {
  auto const& child = lost.child;
  out.emplace_back(ChildEnded{child.slot, child.pid});
  if (lost.was_replaced) return;
  if (lost.was_successor) return stop_roll(out);  // it did not want to: the old one stays
  slots_[child.slot].ended = true;
}

void Crew::on_crashed(Lost const& lost, Ending ending, TimePoint now, Actions& out) {
  auto const& child = lost.child;
  ChildCrashed crashed{child.slot, child.pid, ending, {}};
  if (lost.was_replaced) {
    out.emplace_back(crashed);
    return;
  }
  if (ends_everything(child, ending)) {
    out.emplace_back(crashed);
    exit_code_ = exit_not_clean;
    stopping_ = true;
    return drain_all(false, now, out);
  }
  if (!lost.was_successor) crashed.again_after = restart_later(child.slot, now - child.started, now);
  out.emplace_back(crashed);
  if (rolling_at_ == child.slot) stop_roll(out);
}

/// At the beginning, what cannot start is the operator's to mend; a crash may be our own, and is tried again.
bool Crew::ends_everything(Child const& child, Ending ending) const {
  if (all_ready_) return false;
  if (options_.all_or_nothing) return true;
  bool const cannot_start = ending == Ending{Ending::Kind::exited, exit_cannot_start};
  return cannot_start && child.state == ChildState::starting && !slots_[child.slot].was_ready;
}

Duration Crew::restart_later(unsigned slot, Duration lived, TimePoint now) {
  auto const delay = slots_[slot].back_off.next(lived);
  ++slots_[slot].restarts;
  slots_[slot].restart_at = now + delay;
  return delay;
}

void Crew::check_all_ready(Actions& out) {
  if (all_ready_ || stopping_) return;
  all_ready_ = std::ranges::all_of(slots_, [](Slot const& slot) { return slot.was_ready || slot.ended; });
  if (all_ready_) out.emplace_back(AllReady{});
}

// ---- the roll ----

void Crew::go_on_rolling(Actions& out) {
  if (stopping_ || held_) return;
  if (!rolling_at_ && roll_wanted_ && all_ready_) {
    roll_wanted_ = false;
    out.emplace_back(RollBegun{});
    return roll_slot(0, out);
  }
  if (!rolling_at_) return;
  unsigned const slot = *rolling_at_;
  std::size_t ready = 0, others = 0;
  for (Child const& child : children_)
    if (child.slot == slot) ++(child.state == ChildState::ready ? ready : others);
  if (slots_[slot].ended || (ready == 1 && others == 0)) roll_slot(slot + 1, out);
}

void Crew::roll_slot(unsigned slot, Actions& out) {
  while (slot < slots_.size() && slots_[slot].ended) ++slot;
  if (slot < slots_.size()) {
    rolling_at_ = slot;
    return start(slot, out);
  }
  rolling_at_.reset();
  out.emplace_back(RollDone{});
  go_on_rolling(out);
}

void Crew::stop_roll(Actions& out) {
  if (rolling_at_) out.emplace_back(RollStopped{*rolling_at_});
  rolling_at_.reset();
}

}  // namespace chorus::app
