// Session's polling transport and the upgrade that ends it.
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "engine/polling_body.hpp"
#include "engine/polling_state.hpp"
#include "engine/request_error.hpp"
#include "engine/session.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;

constexpr Bytes close_packet = "1";
constexpr Bytes noop_packet = "6";
constexpr Bytes probe_question = "2probe";
constexpr Bytes probe_answer = "3probe";
constexpr char upgrade_digit = '5';

/// While a WebSocket probes, parked polls are ended this often, since the client completes its upgrade only after its
/// poll has come back (EIO v4, "Upgrade").
constexpr auto noop_interval = 100ms;

AnswerWriter answer_with(Dialect dialect, Bytes packet) {
  AnswerWriter answer(dialect);
  answer.packet(packet);
  return answer;
}

/// text/html as the reference does: some browsers offered a download of text/plain.
HttpAnswer post_answer() { return {200, HttpAnswer::ContentType::html, "ok"}; }

}  // namespace

void Session::open_polling(Ticket handshake) {
  check_worker();
  CHORUS_CHECK(state_ == SessionState::opening, "a session is opened once");
  state_ = SessionState::open;
  polling_ = std::make_unique<PollingState>(timer_callback<&Session::on_polling_timer>, this);
  bool const upgrades = settings_.allow_upgrades && settings_.websocket_enabled;
  outlet_.respond(handshake, answer_with(dialect_, open_packet(upgrades ? "[\"websocket\"]" : "[]")).take());
  await_heartbeat();
}

/// After the end, and after the upgrade, a polling request gets an error and changes nothing.
bool Session::refuse_request(Ticket request) {
  if (state_ == SessionState::closed) {
    outlet_.respond(request, answer_of(RequestError::unknown_session));
    return true;
  }
  if (transport_ == Transport::websocket || !polling_) {
    outlet_.respond(request, answer_of(RequestError::bad_request));
    return true;
  }
  if (client_is_overdue()) {
    finish(CloseReason::ping_timeout);
    outlet_.respond(request, answer_of(RequestError::unknown_session));
    return true;
  }
  return false;
}

// Polls: the server's turn to speak.

void Session::on_poll(Ticket request) {
  check_worker();
  if (refuse_request(request)) return;
  if (polling_->poll) {
    finish(CloseReason::transport_error, "overlap from client");
    return outlet_.respond(request, answer_of(RequestError::bad_request));
  }
  polling_->return_deadline = TimePoint::max();
  polling_->poll = request;
  answer_poll();
}

void Session::on_request_gone(Ticket request) {
  check_worker();
  if (state_ == SessionState::closed || !polling_ || !request) return;
  if (request == polling_->poll) {
    polling_->poll = {};
    finish(CloseReason::transport_error, "poll connection closed prematurely");
  } else if (request == polling_->post) {
    polling_->post = {};
    finish(CloseReason::transport_error, "data request connection closed prematurely");
  }
}

bool Session::poll_takes_it() const { return polling_->poll && !polling_->corked; }

bool Session::cork() { return polling_ && !std::exchange(polling_->corked, true); }

void Session::uncork() {
  if (!polling_) return;
  polling_->corked = false;
  if (state_ != SessionState::closed && polling_->poll) answer_poll();
}

void Session::buffer(std::shared_ptr<SharedMessage const> message) {
  MessageQueue::Limits const limits{settings_.buffer_bytes_max, settings_.buffer_messages_max};
  if (polling_->buffer.push(std::move(message), limits)) return;
  // Not finish(): send() runs in the middle of broadcasts, whose lists on_close() would change.
  polling_->buffer.clear();
  begin_closing(CloseReason::transport_error, 0ms, "send buffer full");
}

/// Sends what is buffered to the parked poll, and the close packet behind the last of it when closing.
void Session::answer_poll() {
  AnswerWriter answer(dialect_);
  if (std::exchange(polling_->ping_buffered, false)) answer.packet(ping_packet);
  bool const had_messages = !polling_->buffer.empty();
  polling_->buffer.move_into(answer, settings_.payload_bytes_max);
  bool const drained = polling_->buffer.empty();
  bool const last = drained && state_ == SessionState::closing;
  if (last) answer.packet(close_packet);
  if (answer.empty()) return;

  end_poll(std::move(answer));
  if (last) return finish(close_reason_, close_detail_);
  if (had_messages && drained) listener_.on_drain();
}

void Session::end_poll(AnswerWriter answer) { outlet_.respond(std::exchange(polling_->poll, {}), answer.take()); }

void Session::end_poll(Bytes packet) { end_poll(answer_with(dialect_, packet)); }

// POSTs: the client's turn to speak.

void Session::on_post_begun(Ticket request) {
  check_worker();
  if (state_ == SessionState::closed || !polling_) return;  // on_post() refuses it
  if (polling_->post) return finish(CloseReason::transport_error, "data request overlap from client");
  polling_->post = request;
}

void Session::on_post_refused(Ticket request) {
  check_worker();
  if (polling_ && polling_->post == request) polling_->post = {};
}

void Session::on_post(Ticket request, Bytes body, PostType type) {
  check_worker();
  if (refuse_request(request)) return;
  bool const overlaps = polling_->post && polling_->post != request;
  if (!overlaps) polling_->post = {};
  if (overlaps || (type == PostType::octet_stream && !dialect_.has_binary_payloads())) {
    finish(CloseReason::transport_error, overlaps ? "data request overlap from client" : "invalid content");
    return outlet_.respond(request, answer_of(RequestError::bad_request));
  }
  if (body.size() > settings_.payload_bytes_max) return outlet_.respond(request, {413, {}, {}});
  bool const sound = read_payload(body, type);
  outlet_.respond(request, sound ? post_answer() : answer_of(RequestError::bad_request));
}

/// False when it cannot be decoded. Handlers of its messages may close the session; the rest is not handled then.
bool Session::read_payload(Bytes body, PostType type) {
  if (type == PostType::text && !is_utf8(body)) {  // its texts go on to WebSockets, which must not get anything else
    finish(CloseReason::parse_error, "payload is not UTF-8");
    return false;
  }
  bool sound = true;
  std::string scratch;
  BodyReader reader(dialect_, type, body);
  polling_->corked = true;
  while (sound && state_ != SessionState::closed) {
    auto const next = reader.next();
    if (!next) {
      finish(CloseReason::parse_error, "payload cannot be decoded");
      sound = false;
    } else if (*next) {
      sound = on_packet(**next, scratch);
    } else {
      break;
    }
  }
  polling_->corked = false;
  if (state_ != SessionState::closed && polling_->poll) answer_poll();
  return sound;
}

// The upgrade (EIO v4, "Upgrade").

bool Session::on_upgrade_request(Ticket websocket, BinaryForm binary) {
  check_worker();
  bool const allowed = state_ != SessionState::closed && polling_ && !polling_->probe && settings_.allow_upgrades &&
                       settings_.websocket_enabled;
  if (!allowed) {
    outlet_.websocket_close(websocket, close_without_code);
    return false;
  }
  polling_->probe = websocket;
  polling_->probe_binary = binary;
  polling_->upgrade_deadline = timers_.now() + settings_.upgrade_timeout;
  arm_polling_timer();
  return true;
}

void Session::on_probe_message(MessageKind kind, Bytes data) {
  if (kind == MessageKind::text && data == probe_question) {
    outlet_.websocket_send(polling_->probe, MessageKind::text, probe_answer, {}, Compress::no);
    polling_->probed = true;
    polling_->noop_due = timers_.now() + noop_interval;
    arm_polling_timer();
  } else if (kind == MessageKind::text && data.starts_with(upgrade_digit)) {
    complete_upgrade();
  } else {
    Ticket const probe = polling_->probe;
    forget_probe();
    outlet_.websocket_close(probe, close_without_code);
  }
}

void Session::complete_upgrade() {
  auto const polling = std::move(polling_);
  websocket_ = polling->probe;
  transport_ = Transport::websocket;
  upgraded_ = true;
  if (polling->poll) outlet_.respond(polling->poll, answer_with(dialect_, noop_packet).take());
  dialect_.binary = polling->probe_binary;
  // A pong that was under way over polling may never come, and a client that got no ping in time leaves: when one was
  // asked for, ask again here. Otherwise the next ping is due when it was due.
  if (client_is_due_ && !dialect_.client_pings() && state_ == SessionState::open) send_ping(timers_.now());
  auto const buffered = polling->buffer.take_all();
  for (auto const& message : buffered) websocket_send(message);

  if (state_ == SessionState::closing) return finish(close_reason_, close_detail_);
  listener_.on_upgraded();
  if (!buffered.empty() && state_ == SessionState::open) listener_.on_drain();
}

/// Once probed, a client stops polling: when its WebSocket goes then and no poll follows, the client is gone too, and
/// there is no connection left whose end would tell.
void Session::forget_probe() {
  if (polling_->probed && !polling_->poll) polling_->return_deadline = timers_.now() + settings_.upgrade_timeout;
  polling_->probe = {};
  polling_->probed = false;
  arm_polling_timer();
}

// The end, and the times on the way to it.

void Session::begin_closing(CloseReason reason, Duration timeout, char const* detail) {
  state_ = SessionState::closing;
  close_reason_ = reason;
  close_detail_ = detail;
  heartbeat_.disarm();
  polling_->ping_buffered = false;
  polling_->close_deadline = timers_.now() + timeout;
  arm_polling_timer();
}

void Session::on_polling_timer(TimePoint now) {
  check_worker();
  if (state_ == SessionState::closing && now >= polling_->close_deadline) return finish(close_reason_, close_detail_);
  if (now >= polling_->return_deadline)
    return finish(CloseReason::transport_close, "gone in the middle of its upgrade");
  if (polling_->probe && now >= polling_->upgrade_deadline) {
    Ticket const probe = polling_->probe;
    forget_probe();
    return outlet_.websocket_close(probe, close_without_code);
  }
  if (polling_->probed && now >= polling_->noop_due) {
    polling_->noop_due = now + noop_interval;
    if (polling_->poll) end_poll(noop_packet);
  }
  arm_polling_timer();
}

void Session::arm_polling_timer() {
  TimePoint earliest = polling_->return_deadline;
  if (state_ == SessionState::closing) earliest = std::min(earliest, polling_->close_deadline);
  if (polling_->probe) earliest = std::min(earliest, polling_->upgrade_deadline);
  if (polling_->probed) earliest = std::min(earliest, polling_->noop_due);
  if (earliest == TimePoint::max()) return polling_->timer.disarm();
  timers_.arm(polling_->timer, earliest);
}

/// The poll of a client that said "1" has nothing left to learn; any other learns here that it is over.
void Session::release_polling(CloseReason reason, std::uint16_t code) {
  polling_->timer.disarm();
  if (polling_->poll) end_poll(reason == CloseReason::transport_close ? noop_packet : close_packet);
  if (polling_->post) outlet_.respond(std::exchange(polling_->post, {}), answer_of(RequestError::unknown_session));
  if (polling_->probe) outlet_.websocket_close(std::exchange(polling_->probe, {}), code);
}

}  // namespace chorus::engine
