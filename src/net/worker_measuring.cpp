// Measuring how long answers take: what an AnswerClock is told. Nothing of this runs where nobody wants to know.
#include "net/worker.hpp"

namespace chorus::net {

// Looks before it sleeps: so it is known whether it slept.
int Worker::look_measured(int wait_ms) {
  int count = ask_kernel(0);
  bool const sleeps = count == 0 && wait_ms != 0;
  if (sleeps) count = ask_kernel(wait_ms);
  bool const is_full = count == static_cast<int>(epoll_events_.size());
  using Look = AnswerClock::Look;
  answer_clock_->looked(sleeps ? Look::slept : is_full ? Look::full : Look::awake, SteadyClock::now());
  for (int i = 0; i < count; ++i) {
    epoll_event const& event = epoll_events_[static_cast<std::size_t>(i)];
    if (auto const id = connection_in(event); id && (event.events & EPOLLIN) != 0) answer_clock_->readable(id);
  }
  return count;
}

void Worker::measure_sent(std::span<ConnectionId const> to) {
  TimePoint const now = SteadyClock::now();
  for (ConnectionId const id : to)
    if (Connection const* const c = table_.find(id);
        c != nullptr && c->state != ConnectionState::ended && output_.unsent(*c) == 0)
      answer_clock_->all_sent(id, now);
}

}  // namespace chorus::net
