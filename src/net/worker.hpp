// One event loop: connections, their bytes, their time. Knows no protocol.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/worker_bound.hpp"
#include "net/connection.hpp"
#include "net/file_descriptor.hpp"
#include "net/peer_address.hpp"
#include "net/timer_wheel.hpp"

namespace chorus::net {

enum class IoUring {
  automatic,  ///< batches the calls of a turn through io_uring where the kernel allows it (probed), else plain calls
  off,
};

struct WorkerOptions {
  unsigned index = 0;  ///< which of the server's workers: for logs and counters
  IoUring io_uring = IoUring::automatic;

  std::size_t receive_slots = 64;              ///< receives in one submission
  std::size_t receive_slot_bytes = 16 * 1024;  ///< the most one on_data brings
  std::size_t turn_receives_max = 512;         ///< connections read in one turn, each once
  std::size_t turn_accepts_max = 32;           ///< connections accepted in one turn and listening socket
  std::size_t turn_sends_max = 1024;           ///< sends in one submission; then waiting reads are served
  std::size_t backlog_bytes_max = 4 << 20;  ///< unsent bytes of one connection; one write to an idle one may be larger
  std::size_t join_bytes_max = 4 * 1024;    ///< output of a turn up to this size is joined by copying
  Duration flush_time_max = std::chrono::seconds(30);  ///< close(after_flush): the peer takes the rest within this
  Duration linger_time_max =
      std::chrono::seconds(2);  ///< after EOF was sent: wait for the peer's, discarding its bytes
};

/// A count that one thread adds to and any thread reads.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) { add(~n + 1); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What the worker did since it was made. Thread: any reads.
struct WorkerCounters {
  Counter turns;
  Counter receives;  ///< receive calls, also those that found nothing
  Counter received_bytes;
  Counter sends;  ///< send calls
  Counter sent_bytes;
  Counter enters;         ///< io_uring submissions
  Counter partial_sends;  ///< the kernel took less than all: the rest went to the backlog
  Counter accepted;
  Counter refused_for_descriptors;  ///< accepted and closed at once: no descriptor left
  Counter closed_for_backlog;
  Counter open;  ///< connections now
};

/// What a worker tells the one who runs it. Thread: in turns of the worker. Must not throw.
class WorkerEvents {
 public:
  virtual ~WorkerEvents() = default;
  /// A connection from a listening socket: non-blocking, close-on-exec. Usually goes into Worker::adopt.
  virtual void on_accepted(FileDescriptor descriptor, PeerAddress const& peer) = 0;
  /// wake() was called: collect the mailboxes. One call for any number of wakes.
  virtual void on_letters() = 0;
  /// After the handlers and before the sends: the last chance to write into this turn's batch. Once a turn, and again
  /// after each round of reads that is served between the chunks of a big broadcast.
  virtual void on_turn_end() = 0;
};

/// What release() hands out.
struct ReleasedConnection {
  FileDescriptor descriptor;  ///< still connected, in no loop; empty when the id was stale
  std::string unread;         ///< bytes that were taken from the kernel but not given to on_data; nearly always empty
};

/// One event loop: an edge-triggered epoll set, and an io_uring ring that is used only to batch non-blocking calls.
///
/// A turn: wait -> accept, collect what is readable -> receive all in one submission -> handlers -> letters -> timers
/// -> on_turn_end -> send all in one submission -> release. Writes are only queued; every connection is sent to at most
/// once a batch. Every request carries MSG_DONTWAIT, so nothing is ever in flight between two phases, and plain
/// recv/send do the same where io_uring is refused.
///
/// Thread: everything but wake(), stop(), counters() and connection_count() belongs to the turns of this worker (or to
/// the time before its first turn). Turns may run on any thread, one at a time. Objects of a worker that are made
/// outside a turn are made under `WorkerTurn turn(worker.mark())`.
/// Lifetime: outlives its handlers' registration; the destructor closes all connections without a call.
/// Failure: the constructor throws std::system_error when the kernel has no descriptor or memory for it.
class Worker {
 public:
  Worker(WorkerOptions const& options, WorkerEvents& events);
  ~Worker();
  Worker(Worker const&) = delete;
  Worker& operator=(Worker const&) = delete;

  // -- connections

  /// Takes over a connected stream socket. `unread` (bytes somebody already took from it) is delivered first, in the
  /// next phase of reading; then the socket is read. An empty id (and the descriptor closed) when the kernel refuses
  /// it.
  ConnectionId adopt(FileDescriptor descriptor, ConnectionHandler& handler, Bytes unread = {});
  void set_handler(ConnectionId connection, ConnectionHandler& handler);
  /// Takes the connection out of the loop without closing it; no call-back any more.
  /// Precondition: unsent() == 0.
  ReleasedConnection release(ConnectionId connection);
  void close(ConnectionId connection, CloseMode mode);
  /// The id names a connection that can be written or at least still has an on_closed to come.
  bool is_open(ConnectionId connection) const;
  PeerAddress peer_address(ConnectionId connection) const;

  // -- output: queued, goes out at the end of the turn

  /// Copied.
  Sent write(ConnectionId connection, Bytes bytes) { return write(connection, bytes, {}); }
  /// `head` and `body` one behind the other, each copied once: a frame's header and its payload.
  Sent write(ConnectionId connection, Bytes head, Bytes body);
  /// By reference. Call it for all receivers in a row: the worker holds one reference a turn, not one a receiver.
  Sent write_shared(ConnectionId connection, SharedBytes const& bytes);
  /// Bytes accepted but not yet given to the kernel: this turn's and the backlog. 0: idle.
  std::size_t unsent(ConnectionId connection) const;
  /// The kernel refused bytes of this connection; they wait for the peer to read.
  bool backlogged(ConnectionId connection) const;

  // -- input

  /// Bytes stay in the kernel, so the peer's window closes; a hang-up is still told (on_end, on_closed). Idempotent.
  void pause_reading(ConnectionId connection);
  void resume_reading(ConnectionId connection);

  // -- time

  Timers& timers();
  /// When this turn began.
  TimePoint now() const;

  // -- listening

  /// Accepts from a listening socket, which other workers may share. The descriptor is borrowed until stop_listening().
  void listen(int listening_descriptor);
  void stop_listening();

  // -- running

  /// Turns until stop(). What is queued when stop() is seen goes out in that last turn.
  void run();
  /// Thread: any. run() returns after its present turn, or at once when it is called later.
  void stop();
  /// One turn; waits up to `timeout` for something to do (negative: without end). False: nothing was to do.
  bool run_once(Duration timeout);
  /// For a foreign loop: readable when run_once(zero) has something to do, due timers included. Wait for it there
  /// (level-triggered), call run_once(zero) each time. Borrowed.
  int descriptor();
  /// Thread: any. The next turn begins at once and calls on_letters. Coalesced: costs a system call only when the
  /// worker was not woken yet.
  void wake();

  // -- facts

  WorkerMark const& mark() const;
  WorkerOptions const& options() const;
  bool uses_io_uring() const;
  /// Thread: any.
  std::size_t connection_count() const;
  WorkerCounters const& counters() const;
};

}  // namespace chorus::net
