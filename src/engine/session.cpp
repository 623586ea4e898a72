#include "engine/session.hpp"

#include <utility>

#include "base/base64.hpp"
#include "base/check.hpp"
#include "base/debug_areas.hpp"
#include "engine/payload_v3.hpp"
#include "engine/polling_body.hpp"
#include "engine/polling_state.hpp"
#include "engine/watching.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;

constexpr Bytes message_prefix = "4";
constexpr std::uint16_t close_going_away = 1001;  // RFC 6455, 7.4.1
constexpr std::size_t sid_shown = 12;             // of its characters: most of the random ones remain

/// How late a timer is merely because wheels turn in ticks. Beyond it the process was held up, and a peer is not
/// blamed for that.
constexpr auto timer_lateness_max = 50ms;

}  // namespace

Session::Session(std::string sid, Settings const& settings, Timers& timers, Outlet& outlet, SessionListener& listener,
                 Dialect dialect)
    : outlet_(outlet),
      listener_(listener),
      dialect_(dialect),
      sid_(std::move(sid)),
      settings_(settings),
      timers_(timers),
      heartbeat_(timer_callback<&Session::on_heartbeat_timer>, this) {}

Session::~Session() = default;

void Session::open_websocket(Ticket websocket) {
  check_worker();
  CHORUS_CHECK(state_ == SessionState::opening, "a session is opened once");
  state_ = SessionState::open;
  transport_ = Transport::websocket;
  websocket_ = websocket;
  outlet_.websocket_send(websocket_, MessageKind::text, open_packet("[]"), {}, Compress::no);
  await_heartbeat();
  if (debugs(LogArea::engine)) debug("connection_opened");
}

/// EIO v4, "Handshake": the sid is of [A-Za-z0-9_-] and needs no escape. Clients of revision 3 get maxPayload too, as
/// the reference has it.
std::string Session::open_packet(Bytes upgrades) const {
  std::string packet = "0{\"sid\":\"";
  packet.append(sid_).append("\",\"upgrades\":").append(upgrades);
  packet.append(",\"pingInterval\":").append(std::to_string(settings_.ping_interval.count()));
  packet.append(",\"pingTimeout\":").append(std::to_string(settings_.ping_timeout.count()));
  packet.append(",\"maxPayload\":").append(std::to_string(settings_.payload_bytes_max));
  packet += '}';
  return packet;
}

// Heartbeat (EIO v4, "Heartbeat"): the server asks, the client answers. In revision 3 ("Timeouts") the client asks, and
// has the same time for it.

void Session::await_heartbeat() {
  client_is_due_ = dialect_.client_pings();
  auto const time = client_is_due_ ? settings_.ping_interval + settings_.ping_timeout : settings_.ping_interval;
  timers_.arm_after(heartbeat_, time);
}

void Session::on_heartbeat_timer(TimePoint now) {
  check_worker();
  if (client_is_due_) return finish(CloseReason::ping_timeout);
  auto const due = heartbeat_.deadline();
  send_ping(now - due <= timer_lateness_max ? due : now);
}

void Session::send_ping(TimePoint due) {
  if (watching_) tell_create({PacketType::ping, MessageKind::text, {}});
  if (state_ != SessionState::open) return;
  client_is_due_ = true;
  timers_.arm(heartbeat_, due + settings_.ping_timeout);
  if (transport_ == Transport::websocket) {
    outlet_.websocket_send(websocket_, MessageKind::text, ping_packet, {}, Compress::no);
    if (watching_) tell_flush(1);
  } else {
    polling_->ping_buffered = true;
    if (poll_takes_it()) answer_poll();
  }
}

/// The time for its sign of life is over, and the timer's tick has just not come.
bool Session::client_is_overdue() const {
  auto const late = timers_.now() - heartbeat_.deadline();
  return client_is_due_ && heartbeat_.armed() && late >= Duration::zero() && late <= timer_lateness_max;
}

void Session::on_heartbeat(Packet const& packet) {
  bool const client_asks = packet.type == PacketType::ping;
  if (client_asks != dialect_.client_pings())
    return finish(CloseReason::transport_error, "invalid heartbeat direction");
  if (state_ != SessionState::open) return;
  await_heartbeat();
  if (client_asks) send_pong(packet.kind == MessageKind::text ? packet.data : Bytes());
  if (watching_) tell_heartbeat();
}

/// EIO v3, "3 pong": with the ping's data, if that is text. It takes its turn among the messages.
void Session::send_pong(Bytes data) {
  std::string packet = "3";
  packet += data;
  if (watching_) tell_create({PacketType::pong, MessageKind::text, data});
  if (state_ == SessionState::closed) return;
  bool const leaves = leaves_at_once();
  if (transport_ == Transport::websocket)
    outlet_.websocket_send(websocket_, MessageKind::text, packet, {}, Compress::no);
  else if (poll_takes_it())
    end_poll(packet);
  else
    buffer(SharedMessage::make_packet(packet));
  if (watching_ && leaves) tell_flush(1);
}

// What the peer says, on whichever transport.

bool Session::on_packet(EncodedPacket encoded, std::string& scratch) {
  auto const packet = dialect_.decode(encoded, scratch);
  if (!packet) {
    finish(CloseReason::parse_error, "packet cannot be decoded");
    return false;
  }
  switch (packet->type) {
    case PacketType::message:
      if (state_ == SessionState::open) listener_.on_message(packet->kind, packet->data);
      break;
    case PacketType::ping:
    case PacketType::pong:
      on_heartbeat(*packet);
      break;
    case PacketType::close:
      finish(CloseReason::transport_close, "client said so");
      break;
    case PacketType::open:
    case PacketType::upgrade:
    case PacketType::noop:
      break;  // mean nothing here; ignored as the reference does
  }
  return true;
}

void Session::on_websocket_message(Ticket websocket, MessageKind kind, Bytes data) {
  check_worker();
  if (state_ != SessionState::open || websocket != websocket_) [[unlikely]]
    return on_other_websocket_message(websocket, kind, data);
  if (kind == MessageKind::binary) {
    if (dialect_.has_bare_binary()) return listener_.on_message(kind, data);
  } else if (data.starts_with(message_prefix)) {
    return listener_.on_message(kind, data.substr(message_prefix.size()));
  }
  std::string scratch;
  on_packet({kind, data}, scratch);
}

/// Of one that probes, or of a session that is at its end.
void Session::on_other_websocket_message(Ticket websocket, MessageKind kind, Bytes data) {
  if (state_ == SessionState::closed || websocket == websocket_) return;
  if (polling_ && polling_->probe && websocket == polling_->probe) on_probe_message(kind, data);
}

void Session::on_websocket_closed(Ticket websocket, WebSocketEnd end) {
  check_worker();
  if (state_ == SessionState::closed) return;
  if (websocket != websocket_) {
    if (polling_ && websocket == polling_->probe) forget_probe();
    return;
  }
  websocket_ = {};
  if (end == WebSocketEnd::failed) return finish(CloseReason::transport_error, "websocket failed");
  finish(CloseReason::transport_close, "websocket closed");
}

// What is said to the peer.

void Session::send(Bytes text, std::span<Bytes const> attachments, Compress compress) {
  check_worker();
  if (state_ != SessionState::open) return;
  if (watching_) [[unlikely]]
    return send_watched(text, attachments, compress);
  pass_on(text, attachments, compress);
}

void Session::pass_on(Bytes text, std::span<Bytes const> attachments, Compress compress) {
  if (transport_ == Transport::websocket) {
    outlet_.websocket_send(websocket_, MessageKind::text, message_prefix, text, compress);
    for (Bytes const data : attachments) websocket_send_binary(data, compress);
    return;
  }
  if (!poll_takes_it()) return buffer(SharedMessage::make(text, attachments, compress));
  AnswerWriter answer(dialect_);
  answer.text(text, compress);
  for (Bytes const data : attachments) answer.binary(data, compress);
  end_poll(std::move(answer));
}

void Session::send(std::shared_ptr<SharedMessage const> const& message) {
  check_worker();
  if (state_ != SessionState::open) return;
  if (watching_) [[unlikely]]
    return send_watched(message);
  pass_on(message);
}

void Session::pass_on(std::shared_ptr<SharedMessage const> const& message) {
  if (transport_ == Transport::websocket) return websocket_send(message);
  if (!poll_takes_it()) return buffer(message);
  AnswerWriter answer(dialect_);
  answer.reserve(message->payload_size());
  answer.message(*message);
  end_poll(std::move(answer));
}

void Session::send_binary(Bytes data, Compress compress) {
  check_worker();
  if (state_ != SessionState::open) return;
  if (watching_) [[unlikely]]
    return send_binary_watched(data, compress);
  pass_on_binary(data, compress);
}

void Session::pass_on_binary(Bytes data, Compress compress) {
  if (transport_ == Transport::websocket) return websocket_send_binary(data, compress);
  if (!poll_takes_it()) return buffer(SharedMessage::make_binary(data, compress));
  AnswerWriter answer(dialect_);
  answer.binary(data, compress);
  end_poll(std::move(answer));
}

void Session::websocket_send_binary(Bytes data, Compress compress) {
  if (dialect_.has_bare_binary()) return outlet_.websocket_send(websocket_, MessageKind::binary, {}, data, compress);
  if (dialect_.binary == BinaryForm::bytes)
    return outlet_.websocket_send(websocket_, MessageKind::binary, v3::binary_prefix, data, compress);
  outlet_.websocket_send(websocket_, MessageKind::text, v3::base64_prefix, base64(data), compress);
}

void Session::websocket_send(std::shared_ptr<SharedMessage const> const& message) {
  if (dialect_.shares_frames(*message)) return outlet_.websocket_send(websocket_, message);
  outlet_.websocket_send_reframed(websocket_, message, dialect_.binary);
}

bool Session::writable() const {
  check_worker();
  if (state_ != SessionState::open) return false;
  if (transport_ == Transport::websocket) return outlet_.websocket_unsent(websocket_) == 0;
  return polling_->poll && polling_->buffer.empty() && !polling_->probe;
}

std::size_t Session::buffered_bytes() const { return polling_ ? polling_->buffer.bytes() : 0; }

std::size_t Session::buffered_messages() const { return polling_ ? polling_->buffer.size() : 0; }

// The end.

void Session::close(CloseReason reason) {
  check_worker();
  if (state_ == SessionState::opening) return finish(reason);
  if (state_ != SessionState::open) return;
  if (is_telling()) return close_later(reason);
  if (transport_ == Transport::websocket) return finish(reason);
  begin_closing(reason, settings_.close_timeout);
  go_on_closing();
}

void Session::shut_down() {
  check_worker();
  finish(CloseReason::server_shutting_down);
}

void Session::finish(CloseReason reason, char const* detail) {
  if (state_ == SessionState::closed) return;
  state_ = SessionState::closed;
  close_detail_ = detail;
  heartbeat_.disarm();
  if (watching_) watching_->later.disarm();
  auto const code = reason == CloseReason::server_shutting_down ? close_going_away : close_without_code;
  if (debugs(LogArea::engine)) debug_end(reason);
  if (websocket_) outlet_.websocket_close(websocket_, code);
  if (polling_) release_polling(reason, code);
  listener_.on_close(reason);
  if (polling_) polling_->buffer.clear();
}

// Debug lines. Whoever knows a session's id can speak for its client, so they have its beginning only.

void Session::debug(Bytes event) const {
  log_debug(event, {peer_field("session", Bytes(sid_).substr(0, sid_shown)),
                    {"transport", transport_ == Transport::polling ? "polling" : "websocket"},
                    {"protocol", static_cast<int>(dialect_.revision)}});
}

void Session::debug_end(CloseReason reason) const {
  log_debug("connection_closed", {peer_field("session", Bytes(sid_).substr(0, sid_shown)),
                                  {"transport", transport_ == Transport::polling ? "polling" : "websocket"},
                                  {"reason", to_string(reason)},
                                  {"detail", close_detail_},
                                  {"unsent", buffered_messages()}});
}

}  // namespace chorus::engine
