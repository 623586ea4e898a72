// The loop of the post office's thread and its connections: TCP, TLS and Unix sockets. The one home of Boost.Asio.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cluster/redis/redis_url.hpp"

namespace chorus::cluster::redis {

struct TlsOptions {
  std::string ca_file;             ///< PEM; empty: the system's store
  bool verify_certificate = true;  ///< chain and host name
};

/// What Redis is reached over: one per RedisLink.
///
/// Thread: the one that calls run_turn(), but for wake().
class StreamLoop {
 public:
  /// Throws std::runtime_error when the CA file cannot be read.
  explicit StreamLoop(TlsOptions const& tls);
  ~StreamLoop();

  /// Waits until something is ready or `deadline` is over, then lets a bounded share of what is ready happen.
  void run_turn(TimePoint deadline);
  /// Ends the wait of this turn, or of the next. Thread: any.
  void wake();

 private:
  friend class Stream;
  struct Body;
  std::unique_ptr<Body> body_;
};

/// All of them in run_turn(), none after the stream was destroyed, which must not happen in them.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  /// Connected, and for TLS agreed and verified.
  virtual void on_open() = 0;
  /// All that was received and not yet consumed. Returns how much of it is consumed now.
  virtual std::size_t on_bytes(Bytes buffered) = 0;
  /// The end, with its reason; nothing is called after it.
  virtual void on_end(std::string_view reason) = 0;
};

/// One connection.
///
/// Lifetime: loop and events outlive the stream. What the kernel still works on when it is destroyed is kept by the
/// loop until it is done.
class Stream {
 public:
  /// Begins to connect to where `url` says.
  Stream(StreamLoop& loop, RedisUrl const& url, StreamEvents& events);
  ~Stream();
  Stream(Stream const&) = delete;
  Stream& operator=(Stream const&) = delete;

  /// What is to be written next; append to it, then flush().
  std::string& output();
  /// Writes the output in one piece, unless a write is under way: then it is the next one, by itself.
  void flush();
  /// Held: nothing is read, so the peer's window closes; what was begun to be read still comes. Idempotent.
  void hold(bool held);
  /// A write is under way, or the output is not empty.
  bool writing() const;

 private:
  struct Body;
  std::shared_ptr<Body> body_;
};

}  // namespace chorus::cluster::redis
