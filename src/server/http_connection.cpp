#include "server/http_connection.hpp"

#include <utility>

#include "server/letters.hpp"
#include "server/site.hpp"

namespace chorus::server {

HttpConnection::HttpConnection(Site& site, std::string address)
    : SiteConnection(Kind::http),
      site_(site),
      address_(std::move(address)),
      reader_(site.http_limits()),
      timer_(timer_callback<&HttpConnection::on_timer>, this) {
  request_began_ = site_.timers().now();
  site_.timers().arm_after(timer_, site_.options().headers_timeout);
}

engine::Ticket HttpConnection::ticket() const { return make_ticket(site_.index(), sequence_, id()); }

// ---- reading
// ---------------------------------------------------------------------------------------------------------

void HttpConnection::on_data(net::ConnectionId, MutableBytes bytes) {
  if (state_ == State::closing) return;
  if (state_ == State::waiting || !unread_.empty()) {
    unread_.append(bytes.data(), bytes.size());
    return;
  }
  feed(as_bytes(bytes));
}

void HttpConnection::feed(Bytes input) {
  feeding_ = true;
  bool const was_idle = reader_.idle();
  while (!input.empty() && state_ == State::reading) {
    auto const step = reader_.feed(input);
    if (step.has_error()) {
      refuse(step.error());
      break;
    }
    if (*step == http::ReadStep::need_more) {
      if (reader_.in_body()) announce();
      break;
    }
    if (*step == http::ReadStep::send_continue) {
      announce();
      site_.write(id(), "HTTP/1.1 100 Continue\r\n\r\n");
      continue;
    }
    if (!std::exchange(numbered_, false)) ++sequence_;
    state_ = State::waiting;
    http::Request request = reader_.take();
    keep_alive_ = request.keep_alive();
    head_only_ = request.method() == "HEAD";
    unread_.assign(input);  // before the handler: it may take the connection elsewhere
    input = {};
    timer_.disarm();
    if (!site_.handle(*this, std::move(request))) return;  // it is not ours any more
    if (state_ == State::reading) {
      // Answered at once: go on with what was pipelined. The copy is rare and at most a slot.
      held_unread_ = std::move(unread_);
      unread_.clear();
      input = held_unread_;
    }
  }
  feeding_ = false;
  if (state_ == State::waiting) site_.worker().pause_reading(id());
  if (state_ == State::reading) {
    if (was_idle && !reader_.idle()) request_began_ = site_.timers().now();
    watch_the_clock();
  }
}

/// A body comes in pieces: whose session it is for hears of it, once.
void HttpConnection::announce() {
  if (std::exchange(numbered_, true)) return;
  ++sequence_;
  waits_for_ = site_.announce_post(*reader_.head(), ticket());
  polls_ = false;
  announced_ = !waits_for_.empty();
}

/// The session will not get what it was told of.
void HttpConnection::retract() {
  if (std::exchange(announced_, false)) site_.retract_post(std::exchange(waits_for_, {}), ticket());
}

void HttpConnection::read_on() {
  if (state_ != State::reading || site_.draining()) return;
  std::string const input = std::exchange(unread_, {});
  if (!input.empty()) feed(input);
  if (state_ == State::reading) {
    site_.worker().resume_reading(id());
    if (ended_) hang_up();
  }
}

void HttpConnection::refuse(http::ReadError error) {
  http::Response response;
  response.status = http::status_of(error);
  response.close = true;
  state_ = State::closing;
  if (error == http::ReadError::body_too_large) retract();  // as where the head has told; others are a broken POST
  if (http::Request const* head = reader_.head()) site_.prepare_answer(*this, *head);
  for (auto& header : answer_headers_) response.headers.push_back(std::move(header));
  site_.write(id(), http::serialize(response, false));
  site_.close_connection(*this, net::CloseMode::after_flush);
}

// ---- answering
// -------------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> HttpConnection::jsonp_index() const {
  return jsonp_index_ == no_jsonp ? std::nullopt : std::optional(jsonp_index_);
}

bool HttpConnection::respond(std::uint32_t sequence, http::Response response) {
  bool const early = state_ == State::reading && announced_;  // its session has ended before its body was there
  if ((state_ != State::waiting && !early) || sequence != sequence_) return false;
  if (early) {
    announced_ = false;
    response.close = true;  // what is still to come of the body cannot be told from a request
  }
  retract();
  waits_for_.clear();
  held_.reset();
  timer_.disarm();
  for (auto& header : answer_headers_) response.headers.push_back(std::move(header));
  answer_headers_.clear();
  jsonp_index_ = no_jsonp;
  response.head_only = head_only_;
  bool const stay = keep_alive_ && !response.close && !site_.draining() && !ended_;
  site_.write(id(), http::serialize(response, stay));
  if (!stay) {
    state_ = State::closing;
    site_.close_connection(*this, net::CloseMode::after_flush);
    return true;
  }
  state_ = State::reading;
  watch_the_clock();
  if (!feeding_) site_.read_on_later(*this);
  return true;
}

void HttpConnection::hold(Held held, Duration delay) {
  held_ = std::move(held);
  site_.timers().arm_after(timer_, delay);
}

std::optional<HttpConnection::Held> HttpConnection::take_held(std::uint32_t sequence) {
  if (state_ != State::waiting || sequence != sequence_ || !held_) return std::nullopt;
  timer_.disarm();
  return std::exchange(held_, std::nullopt);
}

// ---- time
// ------------------------------------------------------------------------------------------------------------

void HttpConnection::watch_the_clock() {
  auto const& options = site_.options();
  auto const now = site_.timers().now();
  if (reader_.idle() && sequence_ > 0) return site_.timers().arm(timer_, now + options.keep_alive_timeout);
  if (reader_.in_body()) return site_.timers().arm(timer_, request_began_ + options.request_timeout);
  site_.timers().arm(timer_, request_began_ + options.headers_timeout);
}

void HttpConnection::on_timer(TimePoint) {
  if (held_) return site_.on_held(*this, *std::exchange(held_, std::nullopt));
  if (state_ != State::reading) return;
  bool const quiet = reader_.idle();
  state_ = State::closing;
  if (!quiet) {
    http::Response response;
    response.status = 408;
    response.close = true;
    site_.write(id(), http::serialize(response, false));
  }
  site_.close_connection(*this, net::CloseMode::after_flush);
}

// ---- ends
// ------------------------------------------------------------------------------------------------------------

void HttpConnection::on_end(net::ConnectionId) {
  ended_ = true;
  // A parked poll whose client is gone will never be fetched. What is answered in a moment still goes out: a client may
  // close its sending half behind a request.
  if (state_ == State::waiting && (waits_for_.empty() || !polls_)) return;
  hang_up();
}

void HttpConnection::hang_up() {
  if (!waits_for_.empty()) site_.request_gone(std::exchange(waits_for_, {}), ticket());
  if (state_ == State::closing) return;
  state_ = State::closing;
  site_.close_connection(*this, net::CloseMode::after_flush);
}

void HttpConnection::on_closed(net::ConnectionId, net::CloseReason) {
  state_ = State::closing;
  if (!waits_for_.empty()) site_.request_gone(std::exchange(waits_for_, {}), ticket());
  site_.forget(*this);
}

void HttpConnection::drain() {
  if (state_ != State::reading) return;
  state_ = State::closing;
  site_.close_connection(*this, net::CloseMode::after_flush);
}

}  // namespace chorus::server
