// Session's packets as somebody who watches them is told of them. Nothing here runs while nobody does.
#include <utility>

#include "engine/polling_state.hpp"
#include "engine/session.hpp"
#include "engine/watching.hpp"

namespace chorus::engine {

void Session::watch(PacketWatch* watch) {
  check_worker();
  if (!watching_ && watch != nullptr)
    watching_ = std::make_unique<Watching>(timer_callback<&Session::on_watching_timer>, this);
  if (!watching_) return;
  watching_->watch = watch;
  if (watch != nullptr) return;
  if (watching_->calls == 0)
    watching_.reset();
  else
    timers_.arm(watching_->later, timers_.now());
}

template <class F>
void Session::call_watch(F&& call) {
  if (watching_->watch == nullptr || state_ == SessionState::closed) return;
  ++watching_->calls;
  call(*watching_->watch);
  --watching_->calls;
}

// What is sent. As the reference does, a packet that was told leaves even if a handler has closed meanwhile.

void Session::send_watched(Bytes text, std::span<Bytes const> attachments, Compress compress) {
  if (!watching_->creating) {
    text = watching_->kept.assign(text);
    tell_create({PacketType::message, MessageKind::text, text}, compress);
    for (Bytes const data : attachments) tell_create({PacketType::message, MessageKind::binary, data}, compress);
  }
  if (state_ == SessionState::closed) return;
  bool const leaves = leaves_at_once();
  pass_on(text, attachments, compress);
  if (leaves) tell_flush(1 + attachments.size());
}

void Session::send_watched(std::shared_ptr<SharedMessage const> message) {
  auto const compress = message->compress();
  if (message->has_text()) tell_create({PacketType::message, MessageKind::text, message->text().substr(1)}, compress);
  for (std::size_t i = 0; i < message->attachment_count(); ++i)
    tell_create({PacketType::message, MessageKind::binary, message->attachment(i)}, compress);
  if (state_ == SessionState::closed) return;
  bool const leaves = leaves_at_once();
  pass_on(message);
  if (leaves) tell_flush(message->packets());
}

void Session::send_binary_watched(Bytes data, Compress compress) {
  if (!watching_->creating) {
    data = watching_->kept.assign(data);
    tell_create({PacketType::message, MessageKind::binary, data}, compress);
  }
  if (state_ == SessionState::closed) return;
  bool const leaves = leaves_at_once();
  pass_on_binary(data, compress);
  if (leaves) tell_flush(1);
}

bool Session::leaves_at_once() const { return transport_ == Transport::websocket || poll_takes_it(); }

void Session::tell_create(Packet const& packet, Compress compress) {
  if (std::exchange(watching_->creating, true)) return;  // a handler's own: told, it would never end
  call_watch([&](PacketWatch& watch) { watch.on_packet_create(packet, compress); });
  watching_->creating = false;
}

/// Inside a call it waits for the next turn: a handler of on_drain() that always sends would never return.
void Session::tell_flush(std::size_t packets) {
  watching_->untold += packets;
  if (watching_->calls == 0)
    tell_untold();
  else
    timers_.arm(watching_->later, timers_.now());
}

void Session::tell_untold() {
  auto const packets = std::exchange(watching_->untold, 0);
  if (packets == 0) return;
  call_watch([&](PacketWatch& watch) { watch.on_flush(packets); });
  if (polling_ && waiting_packets() != 0) return;
  call_watch([](PacketWatch& watch) { watch.on_drain(); });
}

std::size_t Session::waiting_packets() const { return polling_->buffer.packets() + (polling_->ping_buffered ? 1 : 0); }

void Session::tell_heartbeat() {
  call_watch([](PacketWatch& watch) { watch.on_heartbeat(); });
}

void Session::tell_upgrading() {
  call_watch([](PacketWatch& watch) { watch.on_upgrading(); });
}

// What waits until no handler runs: whoever sends may be in the midst of a list that on_close() would change.

bool Session::is_telling() const { return watching_ && watching_->calls != 0; }

void Session::close_later(CloseReason reason) {
  begin_closing(reason, settings_.close_timeout);
  timers_.arm(watching_->later, timers_.now());
}

void Session::on_watching_timer(TimePoint) {
  check_worker();
  tell_untold();
  if (state_ == SessionState::closing) go_on_closing();
  if (watching_ && watching_->watch == nullptr) watching_.reset();
}

}  // namespace chorus::engine
