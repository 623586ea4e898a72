// The link to Redis: one pair of connections of this process, kept up by the post office's thread.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cluster/redis/back_off.hpp"
#include "cluster/redis/outbox.hpp"
#include "cluster/redis/redis_url.hpp"
#include "cluster/redis/resp_reader.hpp"
#include "cluster/redis/stream.hpp"
#include "cluster/redis/subscriptions.hpp"

namespace chorus::cluster::redis {

struct RedisOptions {
  RedisUrl url;
  TlsOptions tls;  ///< for rediss://

  /// Of one try, from looking up the name until both connections stand and every subscription is confirmed.
  std::chrono::milliseconds connect_timeout{5'000};
  /// A PING on each connection on which nothing was heard for so long.
  std::chrono::milliseconds ping_interval{5'000};
  /// Nothing heard for so long after a PING: the connection counts as broken.
  std::chrono::milliseconds silence_max{15'000};
  std::chrono::milliseconds tick{500};
  BackOffLimits back_off;

  RespLimits replies;
  OutboxLimits outbox;
  std::size_t write_bytes_max = 256u << 10;  ///< of one write: what a broken connection can make `unknown` needlessly
  std::size_t subscriptions_max = 100'000;
};

/// What the link tells; all on the post office's thread, in its turns. Must not throw, must not block. All of
/// RedisLink's any-thread functions may be called from here.
class RedisEvents {
 public:
  virtual ~RedisEvents() = default;

  /// `pattern` is empty for what came by subscribe(). The views end with the call. May also come while the link is not
  /// yet up, as soon as its own subscription stands.
  virtual void on_message(Bytes pattern, Bytes channel, Bytes payload) = 0;
  /// Behind on_message: that was all that has been received so far.
  virtual void on_messages_read() {}
  /// Both connections stand and every subscription that is wanted is confirmed. Nothing that waited was sent yet.
  virtual void on_up() = 0;
  /// After on_up() only, once. Commands without an answer are answered after this.
  virtual void on_down(std::string_view reason) = 0;
  /// Every RedisOptions::tick, up or down.
  virtual void on_tick(TimePoint now) = 0;
};

struct RedisStats {
  bool up = false;
  Ledger ledger;               ///< adds up at any time
  std::uint64_t received = 0;  ///< messages
  std::uint64_t times_up = 0;
  std::uint64_t failed_tries = 0;  ///< tries that did not come up
  std::uint64_t malformed = 0;     ///< connections ended for what was no protocol, or no answer to what was asked
};

/// A publisher's and a subscriber's connection over TCP, TLS or a Unix socket; both are up or none is. When one breaks,
/// both are made anew: with back-off and full jitter, and with the longest back-off when Redis refuses who we are.
///
/// Order: what one thread publishes and commands is sent in that order, in one write all that came since the last turn.
/// What a worker asks in one of its turns waits for wake() at the turn's end; others are heard at once.
/// Failure: Redis gone is a state. Publishes wait in the outbox's spool, commands are answered at once. The log has one
/// line for each change: `redis_up`, `redis_down`; the first refusal of an outage (password, rights) is told as
/// `redis_refused`, in place of `redis_down` where it is what ended the link. Nothing that the peer sends ends more
/// than the two connections. Limits: RedisOptions; what was posted and not yet taken by the post office's thread may be
/// as much again as its outbox may hold. The receive buffer is as large as the greatest value, and only while that is
/// received.
///
/// Thread: constructor, start(), stop() and destructor: the owner's. All others: any.
/// Lifetime: the events outlive the link.
class RedisLink {
 public:
  /// Throws std::runtime_error when the CA file of a rediss:// URL cannot be read.
  RedisLink(RedisOptions options, RedisEvents& events);
  /// stop() without a flush.
  ~RedisLink();

  /// Begins to connect. What was asked of the link before waits for this.
  void start();
  /// If the link is up, sends what waits and awaits the answers, up to `flush_max`; then ends connections and thread.
  /// What is left then is `dropped` (not sent) or `unknown` (not answered), as is everything published later. on_down
  /// is told. Idempotent.
  void stop(Duration flush_max = Duration::zero());

  /// Remembered, and asked for again at every reconnect. Wanting a name twice is wanting it once.
  void subscribe(std::string channel, OnSubscribed done = nullptr);
  void psubscribe(std::string pattern, OnSubscribed done = nullptr);
  /// Messages may still come until Redis has seen to it.
  void unsubscribe(std::string channel);
  void punsubscribe(std::string pattern);

  void publish(std::string channel, std::string payload);
  /// `on_reply`, which may be null, is called exactly once, on the post office's thread (after stop(): on the
  /// caller's). Never spooled, never sent twice.
  void command(std::vector<std::string> arguments, OnReply on_reply);
  /// Runs `errand` in a turn of the post office's thread, in its place among the caller's others. False, and never
  /// called: after stop().
  bool post(std::function<void()> errand);

  /// Held: no messages are read, until it is called again or the connection is made anew, so that they wait in Redis;
  /// which ends the connection of a subscriber that lets too much wait (its client-output-buffer-limit). Idempotent.
  /// Thread: the post office's.
  void hold(bool held);

  /// A worker's turn has ended: what was asked in it is done now.
  void wake();

  bool up() const;
  RedisStats stats() const;

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace chorus::cluster::redis
