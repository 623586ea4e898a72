// Reading: from edges to on_data.
#include <cerrno>
#include <utility>

#include "net/worker.hpp"

namespace chorus::net {

namespace {
// Slots whose distance is a multiple of 4 KiB would fight for the same cache sets.
constexpr std::size_t slot_gap = 192;
// Of a batch whose handlers have not begun: the next one is the first.
constexpr auto none_delivered = static_cast<std::size_t>(-1);

std::string decrypted(TlsStream& tls, Bytes ciphertext) {
  std::string plaintext(ciphertext.size() + TlsStream::extra_room, '\0');
  plaintext.resize(tls.decrypt(ciphertext, plaintext));
  return plaintext;
}
}  // namespace

void Worker::allocate_slots() {
  slots_.reset(new char[options_.receive_slots * (options_.receive_slot_bytes + slot_gap)]);
}

void Worker::want_read(ConnectionId id, Connection& c) {
  c.readable = false;
  if (c.at_end || std::exchange(c.queued, true)) return;
  (c.encrypted && shakes_hands(id, c) ? shaking_ : readable_).push_back(id);
}

// Every connection that was readable when the phase began, one slot each; who has more comes again next turn.
void Worker::serve_reads() {
  asked_.clear();
  if (!with_unread_.empty()) deliver_unread();
  serve(readable_, options_.turn_receives_max);
}

// A step of a handshake can take as long as hundreds of messages. So the others of the turn come first, and of a crowd
// that shakes hands most wait for the next turns, their bytes in the kernel.
void Worker::serve_handshakes() { serve(shaking_, options_.turn_handshakes_max); }

void Worker::serve(std::vector<ConnectionId>& waiting, std::size_t most) {
  std::size_t const end = std::min(waiting.size(), most);
  for (std::size_t done = 0; done < end;) {
    fill_receive_batch({waiting.data(), end}, done);
    calls_.receive(receives_);
    delivered_ = none_delivered;
    take_letters();
    if (answer_clock_) answer_clock_->handling(batch_);
    for (delivered_ = 0; delivered_ < batch_.size(); ++delivered_) {
      on_received(batch_[delivered_], receives_[delivered_]);
    }
    if (answer_clock_) answer_clock_->handled(batch_);
    batch_.clear();
  }
  auto const served = waiting.begin() + static_cast<std::ptrdiff_t>(end);
  asked_.insert(asked_.end(), waiting.begin(), served);
  waiting.erase(waiting.begin(), served);
}

void Worker::fill_receive_batch(std::span<ConnectionId const> waiting, std::size_t& done) {
  batch_.clear();
  receives_.clear();
  while (done < waiting.size() && batch_.size() < options_.receive_slots) {
    ConnectionId const id = waiting[done++];
    Connection* const c = table_.find(id);
    if (c == nullptr) continue;
    c->queued = false;
    if (c->state == ConnectionState::ended) continue;
    if (c->paused || c->has_unread) {
      c->readable = true;
      continue;
    }
    char* const slot = slots_.get() + batch_.size() * (options_.receive_slot_bytes + slot_gap);
    batch_.push_back(id);
    receives_.push_back({.descriptor = c->descriptor, .data = slot, .size = options_.receive_slot_bytes});
  }
}

// A handler of the same batch may have closed, released or paused the connection since the bytes were received.
void Worker::on_received(ConnectionId id, ReceiveRequest const& request) {
  Connection* const c = table_.find(id);
  if (c == nullptr || c->state == ConnectionState::ended) return;
  if (request.result < 0) return on_receive_error(id, *c, static_cast<int>(-request.result));
  if (request.result == 0) return on_end_of_stream(id, *c);
  auto const size = static_cast<std::size_t>(request.result);
  counters_.received_bytes.add(size);
  // A full slot may have left something behind, and so may a short one when the end came with it: no edge will tell.
  if (size == request.size || c->hung_up) want_read(id, *c);
  on_bytes(id, *c, {request.data, size});
}

void Worker::on_bytes(ConnectionId id, Connection& c, MutableBytes bytes) {
  if (c.state != ConnectionState::open) return;  // closing: input is discarded
  if (c.encrypted) return on_ciphertext(id, c, as_bytes(bytes));
  deliver(id, c, bytes);
}

void Worker::deliver(ConnectionId id, Connection& c, MutableBytes bytes) {
  if (c.paused || c.has_unread) {
    c.has_unread = true;
    unread_[id.index].append(bytes.data(), bytes.size());
    return;
  }
  c.handler->on_data(id, bytes);
}

void Worker::on_end_of_stream(ConnectionId id, Connection& c) {
  c.at_end = true;
  if (c.state == ConnectionState::lingering) return finish_linger(id, c);
  if (c.state == ConnectionState::open && !std::exchange(c.end_told, true)) {
    c.handler->on_end(id);
    Connection* const still = table_.find(id);
    if (still == nullptr || still->state == ConnectionState::ended) return;
  }
  if (c.broken) end(id, c, CloseReason::peer_closed);
}

void Worker::on_receive_error(ConnectionId id, Connection& c, int error) {
  if (error == EAGAIN) return;
  if (error == EINTR) return want_read(id, c);
  end(id, c, CloseReason::peer_reset);
}

// Readable, but not now. What will not be told again: a hang-up.
void Worker::on_edge_not_followed(ConnectionId id, Connection& c) {
  c.readable = true;
  if (!c.paused || !c.hung_up || c.state != ConnectionState::open) return;
  if (c.broken) {
    // In order (a Unix socket's peer is gone): its last bytes are still to be read.
    if (int const error = take_socket_error(c.descriptor); error != 0) return end(id, c, CloseReason::peer_reset);
  }
  if (!c.end_told) notices_.push_back({id, Notice::Kind::end});
}

void Worker::pause_reading(ConnectionId connection) {
  Connection* const c = table_.find(connection);
  if (c == nullptr || c->state != ConnectionState::open || std::exchange(c->paused, true)) return;
  if (c->hung_up && !c->at_end) on_edge_not_followed(connection, *c);
}

void Worker::resume_reading(ConnectionId connection) {
  Connection* const c = table_.find(connection);
  if (c == nullptr || c->state != ConnectionState::open || !std::exchange(c->paused, false)) return;
  if (c->has_unread) {
    with_unread_.push_back(connection);
  } else if (c->readable) {
    want_read(connection, *c);
  }
}

void Worker::deliver_unread() {
  std::vector<ConnectionId> const waiting = std::exchange(with_unread_, {});
  for (ConnectionId const id : waiting) {
    Connection* const c = table_.find(id);
    if (c == nullptr || !c->has_unread || c->paused || c->state != ConnectionState::open) continue;
    c->has_unread = false;
    std::string bytes = std::move(unread_.extract(id.index).mapped());
    if (c->readable) want_read(id, *c);
    if (!bytes.empty()) c->handler->on_data(id, bytes);
    if (Connection* const still = table_.find(id); still != nullptr && still->encrypted) follow_tls(id, *still);
  }
}

void Worker::drop_unread(ConnectionId id, Connection& c) {
  if (std::exchange(c.has_unread, false)) unread_.erase(id.index);
}

std::string Worker::take_undelivered(ConnectionId id) {
  std::string bytes;
  if (auto node = unread_.extract(id.index)) bytes = std::move(node.mapped());
  table_.find(id)->has_unread = false;
  for (std::size_t i = delivered_ + 1; i < batch_.size(); ++i) {
    if (batch_[i] != id || receives_[i].result <= 0) continue;
    Bytes const received(receives_[i].data, static_cast<std::size_t>(receives_[i].result));
    bytes += table_.find(id)->encrypted ? decrypted(*tls_[id.index], received) : std::string(received);
  }
  return bytes;
}

}  // namespace chorus::net
