#include "net/answer_clock.hpp"

#include <algorithm>

namespace chorus::net {

void AnswerClock::looked(Look how, TimePoint now) {
  since_ = how == Look::slept ? now : last_look_;
  if (how != Look::full) last_look_ = now;
}

// Who has something to say already, or to hear, has waited for longer.
void AnswerClock::readable(ConnectionId connection) {
  Entry& e = entry(connection);
  if (e.step != Step::none) return;
  e.step = Step::readable;
  e.since = since_;
}

void AnswerClock::handling(std::span<ConnectionId const> connections) {
  for (ConnectionId const connection : connections)
    if (Entry& e = entry(connection); e.step == Step::readable) e.step = Step::in_handling;
}

void AnswerClock::written(ConnectionId connection) {
  if (Entry& e = entry(connection); e.step == Step::in_handling) e.step = Step::answered;
}

void AnswerClock::handled(std::span<ConnectionId const> connections) {
  for (ConnectionId const connection : connections)
    if (Entry& e = entry(connection); e.step == Step::in_handling) e.step = Step::none;
}

void AnswerClock::all_sent(ConnectionId connection, TimePoint now) {
  Entry& e = entry(connection);
  if (e.step != Step::answered) return;
  e.step = Step::none;
  on_answer_(now - e.since);
}

AnswerClock::Entry& AnswerClock::entry(ConnectionId connection) {
  if (connection.index >= entries_.size())
    entries_.resize(std::max<std::size_t>(connection.index + 1, entries_.size() * 2));
  Entry& e = entries_[connection.index];
  if (e.generation != connection.generation) e = {.since = {}, .generation = connection.generation};
  return e;
}

}  // namespace chorus::net
