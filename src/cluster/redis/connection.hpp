// One connection to Redis: its greeting, its values, its pulse. Inner part of RedisLink.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cluster/redis/resp_reader.hpp"
#include "cluster/redis/stream.hpp"

namespace chorus::cluster::redis {

struct RedisOptions;
class Connection;

/// Why a connection ended.
struct ConnectionFault {
  enum class Kind : std::uint8_t {
    ended,      ///< closed, broken, silent, not reached
    malformed,  ///< what came is no protocol, or no answer to what was asked
    refused,    ///< Redis does not let us in or not do this; it will not soon change its mind
  };
  Kind kind;
  std::string reason;
};

/// All in turns of the loop. The connection must not be destroyed in them.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  /// Redis has let us in and answers.
  virtual void on_greeted(Connection& connection) = 0;
  /// A value behind the greeting, borrowed for the call. A fault ends the connection.
  virtual std::optional<ConnectionFault> on_value(Connection& connection, RespValue const& value) = 0;
  /// Behind on_value: that was all that has been received so far.
  virtual void on_values_read(Connection& connection) = 0;
  /// The last call.
  virtual void on_fault(Connection& connection, ConnectionFault fault) = 0;
};

/// A greeting is AUTH and SELECT where the URL has them, and a PING: what answers it is a Redis that serves.
///
/// Lifetime: loop, options and events outlive it. Thread: the loop's.
class Connection final : public StreamEvents {
 public:
  enum class Pulse : std::uint8_t { fine, ping_due, silent };

  Connection(StreamLoop& loop, RedisOptions const& options, ConnectionEvents& events);

  bool greeted() const { return greeted_; }
  /// What is to be written next, once greeted. A PING among it has to be the owner's, who knows its answer.
  std::string& output() { return stream_.output(); }
  void flush() { stream_.flush(); }
  bool writing() const { return stream_.writing(); }
  /// Stream::hold. Meanwhile no silence counts against the peer.
  void hold(bool held);

  /// Called now and then, once greeted. `ping_due` is said once; the owner then sends a PING. Silence counts from it:
  /// a Redis that pauses must only come back in time, however long nothing had to be said before.
  Pulse pulse(TimePoint now);

 private:
  void on_open() override;
  std::size_t on_bytes(Bytes buffered) override;
  void on_end(std::string_view reason) override;
  std::size_t read_values(Bytes buffered);
  std::optional<ConnectionFault> take(RespValue const& value);
  std::optional<ConnectionFault> take_greeting(RespValue const& value);
  void fail(ConnectionFault fault);

  RedisOptions const& options_;
  ConnectionEvents& events_;
  RespReader reader_;
  unsigned answers_awaited_ = 0;  // of the greeting
  bool greeted_ = false;
  bool failed_ = false;
  bool heard_ = false;  // since the last pulse()
  bool held_ = false;
  TimePoint last_heard_{};
  std::optional<TimePoint> pinged_;
  Stream stream_;
};

/// What Redis's error means for the connection on which it came unasked or in place of a yes.
ConnectionFault fault_of_error(RespValue const& error);

}  // namespace chorus::cluster::redis
