// The words about connections: how they are named, what they tell, how they end.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"

namespace chorus::net {

/// Names a connection of one worker. A name outlives its connection harmlessly: what is asked of a gone one is refused.
struct ConnectionId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< 0: names nothing

  explicit operator bool() const { return generation != 0; }
  friend bool operator==(ConnectionId, ConnectionId) = default;
};

/// Bytes for many receivers: encoded once, never changed, counted once per worker and turn.
using SharedBytes = std::shared_ptr<std::string const>;

enum class CloseReason {
  peer_closed,   ///< both directions are down, in order
  peer_reset,    ///< the stream broke: reset, time-out, unreachable
  backlog_full,  ///< the peer reads too slowly (WorkerOptions::backlog_bytes_max)
  closed_here,   ///< close(after_flush) is done, or its time ran out
};

enum class CloseMode {
  now,          ///< what was not given to the kernel is dropped; no call-back any more
  after_flush,  ///< everything written goes out, then EOF; on_closed tells when. Input is discarded from now on
};

enum class Sent {
  now_or_queued,  ///< accepted, goes out at the end of this turn
  backlogged,     ///< accepted behind bytes the kernel refused; on_drained will tell when they are gone
  dropped,        ///< not accepted: no such connection, it is closing, or its backlog is full (then it is closed)
};

/// The owner of one connection. Replaceable with Worker::set_handler.
///
/// Thread: called in turns of the connection's worker. From inside every method of Worker may be called, also
/// close() of this and of other connections. Must not throw.
/// Lifetime: borrowed by the worker from adopt() until close(now), release() or on_closed; after any of these the
/// worker never touches it again, so it may delete itself there.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;

  /// Bytes of the stream: at most one receive slot, or what came as `unread` with adopt(). Borrowed for the call; may
  /// be changed in place (unmasking).
  virtual void on_data(ConnectionId connection, MutableBytes bytes) = 0;

  /// The peer sends no more; the connection can still be written. Called at most once: when the end of the stream was
  /// read (all data was delivered before), or when a hang-up was seen while reading is paused (the data before it is
  /// still in the kernel and delivered after resume_reading).
  virtual void on_end(ConnectionId connection) = 0;

  /// What was backlogged has gone to the kernel.
  virtual void on_drained(ConnectionId connection) = 0;

  /// The last call, for every end but the owner's own close(now) and release(). Never from inside a Worker method: the
  /// worker calls at a safe point of this turn or the next. Until then the id is refused everywhere but in close().
  virtual void on_closed(ConnectionId connection, CloseReason reason) = 0;
};

}  // namespace chorus::net

template <>
struct std::hash<chorus::net::ConnectionId> {
  std::size_t operator()(chorus::net::ConnectionId id) const noexcept {
    return std::hash<std::uint64_t>{}(std::uint64_t{id.generation} << 32 | id.index);
  }
};
