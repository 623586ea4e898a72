// Encrypted connections: ciphertext is decrypted where it was received, and what is queued for a peer is encrypted
// right before it is sent. So a turn's output is one record or few, and the receives and sends stay batched.
#include <utility>

#include "net/worker.hpp"

namespace chorus::net {

namespace {

/// What is encrypted becomes what is queued.
class IntoOutput final : public CiphertextSink {
 public:
  IntoOutput(Output& output, Connection& c) : output_(output), c_(c) {}
  void put(Bytes ciphertext) override { output_.append(c_, ciphertext, {}); }

 private:
  Output& output_;
  Connection& c_;
};

}  // namespace

void Worker::begin_tls(ConnectionId id, Connection& c, std::unique_ptr<TlsStream> tls) {
  if (!plaintext_) plaintext_.reset(new char[options_.receive_slot_bytes + TlsStream::extra_room]);
  if (id.index >= tls_.size()) tls_.resize(id.index + 1);
  TlsStream& stream = *(tls_[id.index] = std::move(tls));
  c.encrypted = true;
  if (stream.has_pending()) mark_dirty(id, c);
  if (stream.state() != TlsStream::State::open && !std::exchange(c.has_unread, true)) {
    unread_[id.index];  // it moved with what is to be told
    with_unread_.push_back(id);
  }
  if (stream.established()) return;
  handshake_deadlines_.push_back({id, now() + options_.tls_handshake_time_max});
  if (!handshake_timer_.armed()) wheel_.arm(handshake_timer_, handshake_deadlines_.front().deadline);
}

std::unique_ptr<TlsStream> Worker::take_tls(ConnectionId id, Connection& c) {
  return std::exchange(c.encrypted, false) ? std::move(tls_[id.index]) : nullptr;
}

bool Worker::shakes_hands(ConnectionId id, Connection const& c) const {
  return c.state == ConnectionState::open && !tls_[id.index]->established();
}

std::optional<TlsPeer> Worker::tls_peer(ConnectionId connection) const {
  Connection const* const c = table_.find(connection);
  return c != nullptr && c->encrypted ? std::optional(tls_[connection.index]->peer()) : std::nullopt;
}

void Worker::on_ciphertext(ConnectionId id, Connection& c, Bytes bytes) {
  TlsStream& tls = *tls_[id.index];
  bool const was_established = tls.established();
  auto const size = tls.decrypt(bytes, {plaintext_.get(), bytes.size() + TlsStream::extra_room});
  if (!was_established && tls.established()) {
    counters_.tls_handshakes.add();
    if (tls.resumed()) counters_.tls_resumptions.add();
  }
  if (tls.has_pending()) mark_dirty(id, c);
  if (size > 0) deliver(id, c, {plaintext_.get(), size});
  if (Connection* const still = table_.find(id); still != nullptr && still->encrypted) follow_tls(id, *still);
}

// What the stream's end means for its connection, once all before it was delivered (or waits, while reading is paused).
void Worker::follow_tls(ConnectionId id, Connection& c) {
  if (c.state != ConnectionState::open) return;
  switch (tls_[id.index]->state()) {
    case TlsStream::State::open:
      break;
    case TlsStream::State::ended:
      if (!c.at_end) on_end_of_stream(id, c);
      break;
    case TlsStream::State::failed:
      fail_tls(id, c);
      break;
  }
}

// What TLS has to say by itself, then what is queued. Behind a backlog nothing is queued.
void Worker::encrypt_queued(ConnectionId id, Connection& c) {
  if (c.state != ConnectionState::open) return;  // it is ciphertext already
  TlsStream& tls = *tls_[id.index];
  if (c.backlog) {
    if (tls.has_pending()) output_.append(c, tls.take_pending(), {});
    return;
  }
  IntoOutput sink(output_, c);
  bool is_first = true;
  bool written = true;
  auto const put_pending = [&] {
    if (std::exchange(is_first, false) && tls.has_pending()) sink.put(tls.take_pending());
  };
  output_.take_queued(c, [&](Bytes plaintext) {
    put_pending();
    written = written && tls.encrypt(plaintext, sink);
  });
  put_pending();
  if (!written) end(id, c, CloseReason::closed_here);  // before the handshake is done there is nothing to say
}

void Worker::encrypt_behind(ConnectionId id, Connection& c, Bytes head, Bytes body) {
  TlsStream& tls = *tls_[id.index];
  IntoOutput sink(output_, c);
  if (tls.has_pending()) sink.put(tls.take_pending());
  bool const written =
      body.empty() ? tls.encrypt(head, sink) : tls.encrypt(std::string(head).append(body), sink);  // one record
  if (!written) end(id, c, CloseReason::closed_here);
}

void Worker::say_goodbye(ConnectionId id, Connection& c) {
  encrypt_queued(id, c);
  if (c.state != ConnectionState::open) return;
  TlsStream& tls = *tls_[id.index];
  tls.say_goodbye();
  if (!tls.has_pending()) return;
  output_.append(c, tls.take_pending(), {});
  if (!c.backlog) mark_dirty(id, c);
}

// Its peer is told why, if it still listens; its owner that it is closed.
void Worker::fail_tls(ConnectionId id, Connection& c) {
  counters_.tls_failures.add();
  TlsStream& tls = *tls_[id.index];
  if (!c.backlog) output_.drop(c);
  if (tls.has_pending()) output_.append(c, tls.take_pending(), {});
  if (!c.backlog) mark_dirty(id, c);
  begin_flush(id, c);
}

void Worker::on_handshake_deadline(TimePoint now) {
  while (!handshake_deadlines_.empty() && handshake_deadlines_.front().deadline <= now) {
    ConnectionId const id = handshake_deadlines_.front().connection;
    handshake_deadlines_.pop_front();
    Connection* const c = table_.find(id);
    if (c == nullptr || c->state != ConnectionState::open || !c->encrypted || tls_[id.index]->established()) continue;
    counters_.tls_failures.add();
    end(id, *c, CloseReason::closed_here);
  }
  if (!handshake_deadlines_.empty()) wheel_.arm(handshake_timer_, handshake_deadlines_.front().deadline);
}

}  // namespace chorus::net
