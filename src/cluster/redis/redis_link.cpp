#include "cluster/redis/redis_link.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/scheduling.hpp"
#include "base/worker_bound.hpp"
#include "cluster/redis/connection.hpp"
#include "cluster/redis/post_box.hpp"
#include "cluster/redis/resp_writer.hpp"

namespace chorus::cluster::redis {

/// The post office. What is below `thread_` belongs to its thread; the connections are destroyed between turns only.
class RedisLink::Body final : public ConnectionEvents {
 public:
  Body(RedisOptions options, RedisEvents& events);

  void start();
  void stop(Duration flush_max);
  PostBox::Posted post(Letter&& letter);
  void wake();
  void hold(bool held) {
    if (subscriber_) subscriber_->hold(held);
  }
  void subscribe(SubscriptionKind kind, std::string name, OnSubscribed done);
  void command(std::vector<std::string> arguments, OnReply on_reply);

  bool up() const { return up_.load(std::memory_order_acquire); }
  RedisStats stats() const { return box_.stats(); }

 private:
  using Fault = ConnectionFault;

  // What connections tell.
  void on_greeted(Connection& connection) override;
  std::optional<Fault> on_value(Connection& connection, RespValue const& value) override;
  void on_values_read(Connection& connection) override;
  void on_fault(Connection& connection, Fault fault) override;
  std::optional<Fault> on_subscriber_value(RespValue const& value);
  std::optional<Fault> on_confirmation(Bytes word, Bytes name);

  // A turn, in the order of its steps.
  void run();
  TimePoint next_deadline() const;
  void turn(TimePoint now);
  void read_letters(std::vector<Letter>& letters);
  void watch_the_clock(TimePoint now);
  void check_pulse(TimePoint now);
  void send();
  void show();

  void try_to_connect(TimePoint now);
  void come_up_if_ready();
  void go_down(Fault const& fault, TimePoint now);
  void note_failure(Fault const& fault, bool was_up);
  bool ready_to_end(TimePoint now);
  void end();

  std::string& subscriber_output() { return subscriber_ ? subscriber_->output() : nowhere_; }

  RedisOptions const options_;
  RedisEvents& events_;
  std::string const url_text_;
  PostBox box_;
  std::atomic<bool> up_{false};
  std::atomic<bool> wake_owed_{false};  // by a worker, at the end of its turn
  StreamLoop loop_;
  std::thread thread_;

  Outbox outbox_;
  Subscriptions subscriptions_;
  BackOff back_off_;
  std::optional<Connection> publisher_;
  std::optional<Connection> subscriber_;
  std::optional<Fault> fault_;  // of this turn: both connections end with it
  RedisStats stats_;
  TimePoint next_tick_{};
  TimePoint next_try_{};  // while there are no connections
  TimePoint try_ends_{};  // while they are not up
  TimePoint up_since_{};
  std::optional<TimePoint> stop_deadline_;
  bool told_down_ = false;     // since the link was up
  bool told_refused_ = false;  // since the link was up
  bool ended_ = false;
  std::string nowhere_;  // stays empty: without a connection nothing is written
};

RedisLink::Body::Body(RedisOptions options, RedisEvents& events)
    : options_(std::move(options)),
      events_(events),
      url_text_(options_.url.to_text()),
      box_(options_.outbox),
      loop_(options_.tls),
      outbox_(options_.outbox),
      subscriptions_(options_.subscriptions_max),
      back_off_(options_.back_off) {}

void RedisLink::Body::start() {
  CHORUS_CHECK(!thread_.joinable() && !ended_, "a link is started once");
  thread_ = std::thread([this] { run(); });
}

void RedisLink::Body::stop(Duration flush_max) {
  if (!thread_.joinable()) {
    if (!ended_) end();
    return;
  }
  if (box_.ask_to_stop(flush_max) == PostBox::Posted::and_wake) loop_.wake();
  thread_.join();
}

PostBox::Posted RedisLink::Body::post(Letter&& letter) {
  auto const posted = box_.post(std::move(letter));
  if (posted != PostBox::Posted::and_wake) return posted;
  if (current_turn != nullptr)
    wake_owed_.store(true, std::memory_order_release);
  else
    loop_.wake();
  return posted;
}

void RedisLink::Body::wake() {
  if (wake_owed_.load(std::memory_order_acquire) && wake_owed_.exchange(false, std::memory_order_acq_rel)) loop_.wake();
}

void RedisLink::Body::subscribe(SubscriptionKind kind, std::string name, OnSubscribed done) {
  Letter letter = SubscribeLetter{kind, std::move(name), std::move(done)};
  if (post(std::move(letter)) != PostBox::Posted::closed) return;
  if (auto const& unread = std::get<SubscribeLetter>(letter); unread.done) unread.done(false);
}

void RedisLink::Body::command(std::vector<std::string> arguments, OnReply on_reply) {
  if (!on_reply) on_reply = [](Reply const&) {};
  Letter letter = CommandLetter{std::move(arguments), std::move(on_reply)};
  if (post(std::move(letter)) == PostBox::Posted::closed) std::get<CommandLetter>(letter).on_reply(reply_down());
}

// ---- A turn ----

void RedisLink::Body::run() {
  schedule_as_batch();
  next_tick_ = next_try_ = SteadyClock::now();
  while (!ended_) {
    turn(SteadyClock::now());
    if (!ended_) loop_.run_turn(next_deadline());
  }
}

TimePoint RedisLink::Body::next_deadline() const {
  TimePoint deadline = next_tick_;
  if (!publisher_) deadline = std::min(deadline, next_try_);
  if (publisher_ && !outbox_.is_up()) deadline = std::min(deadline, try_ends_);
  if (stop_deadline_) deadline = std::min(deadline, *stop_deadline_);
  return deadline;
}

void RedisLink::Body::turn(TimePoint now) {
  if (fault_) go_down(*std::exchange(fault_, std::nullopt), now);
  send();  // what waited makes room for what comes
  read_letters(box_.collect());
  watch_the_clock(now);
  send();
  show();
  if (ready_to_end(now)) end();
}

void RedisLink::Body::read_letters(std::vector<Letter>& letters) {
  struct Reader {
    Body& body;
    void operator()(PublishLetter& letter) {
      body.outbox_.publish(std::move(letter.channel), std::move(letter.payload));
    }
    void operator()(CommandLetter& letter) {
      if (letter.full) return letter.on_reply(reply_full());
      body.outbox_.command(std::move(letter.arguments), std::move(letter.on_reply));
    }
    void operator()(SubscribeLetter& letter) {
      body.subscriptions_.want(letter.kind, std::move(letter.name), std::move(letter.done), body.subscriber_output());
    }
    void operator()(UnsubscribeLetter& letter) {
      body.subscriptions_.unwant(letter.kind, letter.name, body.subscriber_output());
    }
    void operator()(Errand& errand) { errand(); }
  };
  for (Letter& letter : letters) std::visit(Reader{*this}, letter);
}

void RedisLink::Body::watch_the_clock(TimePoint now) {
  if (publisher_) {
    check_pulse(now);
  } else if (now >= next_try_ && !stop_deadline_) {
    try_to_connect(now);
  }
  if (now >= next_tick_) {
    next_tick_ = now + options_.tick;
    events_.on_tick(now);
  }
}

void RedisLink::Body::check_pulse(TimePoint now) {
  if (!outbox_.is_up()) {
    if (now >= try_ends_) go_down({Fault::Kind::ended, "Redis does not answer"}, now);
    return;
  }
  auto const publisher = publisher_->pulse(now);
  auto const subscriber = subscriber_->pulse(now);
  if (publisher == Connection::Pulse::silent || subscriber == Connection::Pulse::silent) {
    return go_down({Fault::Kind::ended, "Redis has fallen silent"}, now);
  }
  if (publisher == Connection::Pulse::ping_due) outbox_.ping(publisher_->output());
  if (subscriber == Connection::Pulse::ping_due) append_command(subscriber_->output(), {"PING"});
}

void RedisLink::Body::send() {
  if (!publisher_) return;
  // One write at a time: what waits meanwhile is not lost with the connection.
  if (!publisher_->writing()) outbox_.take(publisher_->output(), options_.write_bytes_max);
  publisher_->flush();
  subscriber_->flush();
}

void RedisLink::Body::show() {
  stats_.up = outbox_.is_up();
  stats_.ledger = outbox_.ledger();
  box_.show(stats_);
}

// ---- What connections tell ----

void RedisLink::Body::on_greeted(Connection& connection) {
  if (&connection == &*subscriber_) subscriptions_.begin(connection.output());
  come_up_if_ready();
}

std::optional<ConnectionFault> RedisLink::Body::on_value(Connection& connection, RespValue const& value) {
  if (&connection == &*subscriber_) return on_subscriber_value(value);
  if (outbox_.answer(value)) return std::nullopt;
  if (value.is_error()) return fault_of_error(value);
  return Fault{Fault::Kind::malformed, "an answer to what was not asked"};
}

void RedisLink::Body::on_values_read(Connection& connection) {
  if (subscriber_ && &connection == &*subscriber_) events_.on_messages_read();
}

/// RESP2 on a connection that only subscribes: arrays that name what they are, and errors.
std::optional<ConnectionFault> RedisLink::Body::on_subscriber_value(RespValue const& value) {
  if (value.is_error()) return fault_of_error(value);
  if (value.type() == RespType::simple && value.text() == "PONG") return std::nullopt;
  Bytes parts[4];
  if ((value.type() == RespType::array || value.type() == RespType::push) && value.size() <= std::size(parts)) {
    std::size_t i = 0;
    for (RespValue const part : value) parts[i++] = part.text();
    if (value.size() == 3 && parts[0] == "message") {
      ++stats_.received;
      events_.on_message({}, parts[1], parts[2]);
      return std::nullopt;
    }
    if (value.size() == 4 && parts[0] == "pmessage") {
      ++stats_.received;
      events_.on_message(parts[1], parts[2], parts[3]);
      return std::nullopt;
    }
    if (value.size() == 2 && parts[0] == "pong") return std::nullopt;
    if (value.size() == 3) return on_confirmation(parts[0], parts[1]);
  }
  return Fault{Fault::Kind::malformed, "a message of no known form"};
}

std::optional<ConnectionFault> RedisLink::Body::on_confirmation(Bytes word, Bytes name) {
  bool const of_channel = word == "subscribe" || word == "unsubscribe";
  bool const of_pattern = word == "psubscribe" || word == "punsubscribe";
  auto const kind = of_channel ? SubscriptionKind::channel : SubscriptionKind::pattern;
  if ((!of_channel && !of_pattern) || !subscriptions_.on_confirmation(kind, name)) {
    return Fault{Fault::Kind::malformed, "a subscription that was not asked for"};
  }
  come_up_if_ready();
  return std::nullopt;
}

void RedisLink::Body::on_fault(Connection&, Fault fault) {
  if (!fault_) fault_ = std::move(fault);
}

// ---- Changes of state ----

void RedisLink::Body::try_to_connect(TimePoint now) {
  publisher_.emplace(loop_, options_, *this);
  subscriber_.emplace(loop_, options_, *this);
  try_ends_ = now + options_.connect_timeout;
}

/// At once, not at the turn's end: what is received behind the last confirmation is received while up.
void RedisLink::Body::come_up_if_ready() {
  if (outbox_.is_up() || fault_ || !publisher_->greeted() || !subscriptions_.all_confirmed()) return;
  up_since_ = SteadyClock::now();
  outbox_.up();
  ++stats_.times_up;
  told_down_ = told_refused_ = false;
  log(LogLevel::info, "redis_up", {{"url", url_text_}, {"spooled", outbox_.ledger().waiting}});
  up_.store(true, std::memory_order_release);
  events_.on_up();
}

void RedisLink::Body::go_down(Fault const& fault, TimePoint now) {
  bool const was_up = outbox_.is_up();
  fault_.reset();
  publisher_.reset();
  subscriber_.reset();
  subscriptions_.lost();
  note_failure(fault, was_up);
  // A link that stood for a moment only is no reason to begin with short waits again.
  if (was_up && now - up_since_ >= options_.back_off.longest) back_off_.reset();
  next_try_ =
      now + (fault.kind == Fault::Kind::refused ? back_off_.longest(random_u64()) : back_off_.next(random_u64()));
  if (was_up) {
    up_.store(false, std::memory_order_release);
    events_.on_down(fault.reason);
    outbox_.down();
  }
}

void RedisLink::Body::note_failure(Fault const& fault, bool was_up) {
  if (!was_up) ++stats_.failed_tries;
  if (fault.kind == Fault::Kind::malformed) ++stats_.malformed;
  LogField const reason("reason", fault.reason);
  if (fault.kind == Fault::Kind::refused && !told_refused_) {
    log(LogLevel::error, "redis_refused", {{"url", url_text_}, reason});
    told_refused_ = told_down_ = true;
  } else if (!told_down_) {
    log(LogLevel::warning, "redis_down", {{"url", url_text_}, reason});
    told_down_ = true;
  }
}

bool RedisLink::Body::ready_to_end(TimePoint now) {
  if (!stop_deadline_) {
    auto const flush_max = box_.stop_asked();
    if (!flush_max) return false;
    // What was posted before the question may have come after this turn's letters were taken.
    stop_deadline_ = now + *flush_max;
    loop_.wake();
    return false;
  }
  return !outbox_.is_up() || outbox_.empty() || now >= *stop_deadline_;
}

void RedisLink::Body::end() {
  bool const was_up = outbox_.is_up();
  publisher_.reset();
  subscriber_.reset();
  up_.store(false, std::memory_order_release);
  if (was_up) events_.on_down("the end of the program");
  outbox_.close();
  read_letters(box_.close());
  subscriptions_.close();
  show();
  ended_ = true;
}

// ---- The face ----

RedisLink::RedisLink(RedisOptions options, RedisEvents& events)
    : body_(std::make_unique<Body>(std::move(options), events)) {}
RedisLink::~RedisLink() { stop(); }

void RedisLink::start() { body_->start(); }
void RedisLink::stop(Duration flush_max) { body_->stop(flush_max); }

void RedisLink::subscribe(std::string channel, OnSubscribed done) {
  body_->subscribe(SubscriptionKind::channel, std::move(channel), std::move(done));
}

void RedisLink::psubscribe(std::string pattern, OnSubscribed done) {
  body_->subscribe(SubscriptionKind::pattern, std::move(pattern), std::move(done));
}

void RedisLink::unsubscribe(std::string channel) {
  body_->post(UnsubscribeLetter{SubscriptionKind::channel, std::move(channel)});
}

void RedisLink::punsubscribe(std::string pattern) {
  body_->post(UnsubscribeLetter{SubscriptionKind::pattern, std::move(pattern)});
}

void RedisLink::publish(std::string channel, std::string payload) {
  body_->post(PublishLetter{std::move(channel), std::move(payload)});
}

void RedisLink::command(std::vector<std::string> arguments, OnReply on_reply) {
  body_->command(std::move(arguments), std::move(on_reply));
}

bool RedisLink::post(std::function<void()> errand) {
  return body_->post(Errand(std::move(errand))) != PostBox::Posted::closed;
}

void RedisLink::wake() { body_->wake(); }
void RedisLink::hold(bool held) { body_->hold(held); }
bool RedisLink::up() const { return body_->up(); }
RedisStats RedisLink::stats() const { return body_->stats(); }

}  // namespace chorus::cluster::redis
