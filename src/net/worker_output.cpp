// Writing: from the handlers' words to the sends of the turn.
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "net/worker.hpp"

namespace chorus::net {

namespace {
// A turn ends: a big fan-out is interrupted until so many of its pauses have given it more to send, and while its
// memory is of this size.
constexpr unsigned growing_pauses_max = 16;
constexpr std::size_t memory_between_sends_max = 8 << 20;
constexpr std::size_t chunk_sends_min = 128;  // fewer are no batch to speak of, and tell nothing of what a send costs
}  // namespace

// The connection, when it can take `bytes` more. A peer that does not read is not waited for.
Connection* Worker::writable(ConnectionId id, std::size_t bytes) {
  Connection* const c = table_.find(id);
  if (c == nullptr || c->state != ConnectionState::open) return nullptr;
  if (!has_room(*c, bytes) && !c->backlog) {
    send_early(id, *c);  // nothing says yet that the peer is slow: ask the kernel before judging
    if (c->state != ConnectionState::open) return nullptr;
  }
  if (has_room(*c, bytes)) return c;
  end(id, *c, CloseReason::backlog_full);
  return nullptr;
}

bool Worker::has_room(Connection const& c, std::size_t bytes) const {
  std::size_t const unsent = output_.unsent(c);
  return unsent == 0 || unsent + bytes <= options_.backlog_bytes_max;
}

// One connection's output of this turn, ahead of all others': a burst that the limit cannot hold.
void Worker::send_early(ConnectionId id, Connection& c) {
  if (c.encrypted) encrypt_queued(id, c);
  if (c.state != ConnectionState::open) return;
  do {
    std::array<SendRequest, 1> alone{output_.request(c)};
    calls_.send(alone);
    output_.reset_messages();
    on_sent(id, alone.front());
    if (answer_clock_) measure_sent({&id, 1});
  } while (c.state == ConnectionState::open && !c.backlog && output_.unsent(c) != 0);
}

Sent Worker::write(ConnectionId connection, Bytes head, Bytes body) {
  std::size_t const size = head.size() + body.size();
  Connection* const c = writable(connection, size);
  if (c == nullptr) return Sent::dropped;
  if (c->encrypted && c->backlog) {
    encrypt_behind(connection, *c, head, body);
  } else if (size != 0) {
    output_.append(*c, head, body);
  }
  if (answer_clock_) answer_clock_->written(connection);
  return accepted(connection, *c);
}

Sent Worker::write_shared(ConnectionId connection, SharedBytes const& bytes) {
  Connection* const c = writable(connection, bytes->size());
  if (c == nullptr) return Sent::dropped;
  if (c->encrypted && c->backlog) {
    encrypt_behind(connection, *c, *bytes, {});
  } else if (!bytes->empty()) {
    output_.append(*c, bytes);
  }
  return accepted(connection, *c);
}

Sent Worker::accepted(ConnectionId id, Connection& c) {
  if (c.backlog) return Sent::backlogged;  // an edge will tell when the kernel takes more
  mark_dirty(id, c);
  return Sent::now_or_queued;
}

void Worker::mark_dirty(ConnectionId id, Connection& c) {
  if (!std::exchange(c.dirty, true)) dirty_.push_back(id);
}

std::size_t Worker::unsent(ConnectionId connection) const {
  Connection const* const c = table_.find(connection);
  return c == nullptr ? 0 : output_.unsent(*c);
}

bool Worker::backlogged(ConnectionId connection) const {
  Connection const* const c = table_.find(connection);
  return c != nullptr && c->backlog != nullptr;
}

void Worker::flush() {
  if (dirty_.size() > chunk_sends_) answer_first();
  for (unsigned growing_pauses = 0; dirty_done_ < dirty_.size();) {
    send_chunk(dirty_, dirty_done_);
    if (dirty_done_ == dirty_.size() || output_.used() > memory_between_sends_max) continue;
    if (growing_pauses < growing_pauses_max && serve_between_sends()) ++growing_pauses;
  }
  dirty_.clear();
  dirty_done_ = 0;
  output_.reset();
}

// At most one send for each connection: two in one batch could overtake each other after a short write.
void Worker::send_chunk(std::vector<ConnectionId> const& to, std::size_t& done) {
  send_batch_.clear();
  sends_.clear();
  output_.reset_messages();
  while (done < to.size() && sends_.size() < chunk_sends_) {
    ConnectionId const id = to[done++];
    Connection* const c = table_.find(id);
    if (c == nullptr || !std::exchange(c->dirty, false)) continue;
    if (c->encrypted) encrypt_queued(id, *c);
    if (output_.unsent(*c) == 0) continue;
    send_batch_.push_back(id);
    sends_.push_back(output_.request(*c));
  }
  if (sends_.size() < chunk_sends_min) {
    calls_.send(sends_);
  } else {
    send_and_time();
  }
  for (std::size_t i = 0; i < sends_.size(); ++i) on_sent(send_batch_[i], sends_[i]);
  if (answer_clock_) measure_sent(send_batch_);
}

// What a send costs differs from machine to machine and from minute to minute; how long others wait for their answers
// shall not (docs/benchmarks.md, "Latency"). So the next chunk is what would have taken that long now.
void Worker::send_and_time() {
  TimePoint const begin = SteadyClock::now();
  calls_.send(sends_);
  double const took = std::chrono::duration<double>(SteadyClock::now() - begin) / options_.fan_out_pause;
  auto const in_a_pause = static_cast<std::size_t>(static_cast<double>(sends_.size()) / std::max(took, 0.001));
  chunk_sends_ = std::clamp(in_a_pause, chunk_sends_min, options_.turn_sends_max);
}

void Worker::on_sent(ConnectionId id, SendRequest const& request) {
  Connection& c = *table_.find(id);  // no handler ran since the batch was made
  bool const refused = request.result == -EAGAIN;
  if (request.result < 0 && !refused && request.result != -EINTR) return end(id, c, CloseReason::peer_reset);

  std::size_t const sent = request.result < 0 ? 0 : static_cast<std::size_t>(request.result);
  bool const had_backlog = c.backlog != nullptr;
  output_.consume(c, sent);
  counters_.sent_bytes.add(sent);
  if (output_.unsent(c) == 0) {
    if (c.state == ConnectionState::flushing) return finish_flush(id, c);
    if (had_backlog) notices_.push_back({id, Notice::Kind::drained});
  } else if (sent == request.size || request.result == -EINTR) {
    if (c.encrypted) output_.spill(c);  // so that it is not encrypted once more
    mark_dirty(id, c);                  // there is more than fits into one message
  } else {
    counters_.partial_sends.add();
    output_.spill(c);
    if (c.state == ConnectionState::flushing) limit_flush_time(id, c);
  }
}

// Who asked does not wait for a big fan-out, or the rest of it. Each is sent all that is queued for it: the order of
// bytes is kept.
void Worker::answer_first() {
  for (std::size_t done = 0; done < asked_.size();) send_chunk(asked_, done);
}

// What came in while a big fan-out is on its way. True: there is more to send now than the answers that it has sent.
bool Worker::serve_between_sends() {
  std::size_t const waiting = dirty_.size();
  collect(look(0));
  if (readable_.empty() && with_unread_.empty()) return dirty_.size() > waiting;
  serve_reads();
  deliver_notices();
  events_.on_turn_end();
  answer_first();
  auto const is_sent = [this](ConnectionId id) {
    Connection const* const c = table_.find(id);
    return c == nullptr || !c->dirty;
  };
  while (dirty_.size() > waiting && is_sent(dirty_.back())) dirty_.pop_back();
  return dirty_.size() > waiting;
}

}  // namespace chorus::net
