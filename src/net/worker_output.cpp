// Writing: from the handlers' words to the sends of the turn.
#include <array>
#include <cerrno>
#include <utility>

#include "net/worker.hpp"

namespace chorus::net {

namespace {
// A turn ends: a big fan-out is interrupted for reads only so often, and while its memory is of this size.
constexpr unsigned rounds_between_sends_max = 16;
constexpr std::size_t memory_between_sends_max = 8 << 20;
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
  do {
    std::array<SendRequest, 1> alone{output_.request(c)};
    calls_.send(alone);
    output_.reset_messages();
    on_sent(id, alone.front());
  } while (c.state == ConnectionState::open && !c.backlog && output_.unsent(c) != 0);
}

Sent Worker::write(ConnectionId connection, Bytes head, Bytes body) {
  std::size_t const size = head.size() + body.size();
  Connection* const c = writable(connection, size);
  if (c == nullptr) return Sent::dropped;
  if (size != 0) output_.append(*c, head, body);
  return accepted(connection, *c);
}

Sent Worker::write_shared(ConnectionId connection, SharedBytes const& bytes) {
  Connection* const c = writable(connection, bytes->size());
  if (c == nullptr) return Sent::dropped;
  if (!bytes->empty()) output_.append(*c, bytes);
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
  for (unsigned rounds = 0; dirty_done_ < dirty_.size();) {
    send_chunk();
    if (dirty_done_ == dirty_.size() || output_.used() > memory_between_sends_max) continue;
    if (rounds++ < rounds_between_sends_max) serve_between_sends();
  }
  dirty_.clear();
  dirty_done_ = 0;
  output_.reset();
}

// At most one send for each connection: two in one batch could overtake each other after a short write.
void Worker::send_chunk() {
  send_batch_.clear();
  sends_.clear();
  output_.reset_messages();
  while (dirty_done_ < dirty_.size() && sends_.size() < options_.turn_sends_max) {
    ConnectionId const id = dirty_[dirty_done_++];
    Connection* const c = table_.find(id);
    if (c == nullptr) continue;
    c->dirty = false;
    if (output_.unsent(*c) == 0) continue;
    send_batch_.push_back(id);
    sends_.push_back(output_.request(*c));
  }
  calls_.send(sends_);
  for (std::size_t i = 0; i < sends_.size(); ++i) on_sent(send_batch_[i], sends_[i]);
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
    mark_dirty(id, c);  // there is more than fits into one message
  } else {
    counters_.partial_sends.add();
    output_.spill(c);
    if (c.state == ConnectionState::flushing) limit_flush_time(id, c);
  }
}

// What came in while a big fan-out is on its way: its answers queue behind what is queued already.
void Worker::serve_between_sends() {
  int const event_count = ::epoll_wait(epoll_.get(), epoll_events_.data(), static_cast<int>(epoll_events_.size()), 0);
  if (event_count > 0) collect(event_count);
  if (readable_.empty() && with_unread_.empty()) return;
  serve_reads();
  deliver_notices();
  events_.on_turn_end();
}

}  // namespace chorus::net
