// One event loop: connections, their bytes, their time. Knows no protocol.
#pragma once
#include <sys/epoll.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/worker_bound.hpp"
#include "net/acceptor.hpp"
#include "net/answer_clock.hpp"
#include "net/connection.hpp"
#include "net/connection_table.hpp"
#include "net/file_descriptor.hpp"
#include "net/output.hpp"
#include "net/peer_address.hpp"
#include "net/system_calls.hpp"
#include "net/timer_wheel.hpp"
#include "net/tls_stream.hpp"
#include "net/wake_up.hpp"
#include "net/worker_options.hpp"

namespace chorus::net {

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
  std::unique_ptr<TlsStream> tls;  ///< of an encrypted connection; `unread` is plaintext then
};

/// One event loop: an edge-triggered epoll set, and an io_uring ring that is used only to batch non-blocking calls.
///
/// A turn: wait -> accept, collect what is readable -> receive all in one submission -> letters -> handlers -> a few
/// handshakes of TLS -> timers -> on_turn_end -> send all in one submission -> release. Letters come before what was
/// received: a peer may have said it because of what another worker did, whose letter is here by then. Writes are only
/// queued; every connection is sent to at most once a batch. Every request carries MSG_DONTWAIT, so nothing is ever in
/// flight between two phases, and plain recv/send do the same where io_uring is refused.
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
  /// next phase of reading; then the socket is read. With `tls` the connection is encrypted: its handler has to do with
  /// plaintext only, and hears nothing before the handshake is done. An empty id (and the descriptor closed) when the
  /// kernel refuses it.
  ConnectionId adopt(FileDescriptor descriptor, ConnectionHandler& handler, Bytes unread = {},
                     std::unique_ptr<TlsStream> tls = {});
  void set_handler(ConnectionId connection, ConnectionHandler& handler);
  /// Takes the connection out of the loop without closing it; no call-back any more.
  /// Precondition: unsent() == 0.
  ReleasedConnection release(ConnectionId connection);
  void close(ConnectionId connection, CloseMode mode);
  /// The id names a connection that can be written or at least still has an on_closed to come.
  bool is_open(ConnectionId connection) const;
  PeerAddress peer_address(ConnectionId connection) const;
  /// Who is at the other end of an encrypted connection; nothing: it is not encrypted.
  std::optional<TlsPeer> tls_peer(ConnectionId connection) const;

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

  Timers& timers() { return wheel_; }
  /// When this turn began.
  TimePoint now() const { return wheel_.now(); }

  // -- listening

  /// Accepts from a non-blocking listening socket, which other workers may share. The descriptor is borrowed until
  /// stop_listening(). Throws std::system_error when it cannot be watched (it is no socket, ...).
  void listen(int listening_descriptor);
  void stop_listening();
  /// stop_listening() for sockets that others, in other processes too, go on accepting from: a connection that woke
  /// this worker and nobody else is still accepted (on_accepted), so that none waits for another to come.
  void leave_listening();

  // -- running

  /// Turns until stop(). What is queued when stop() is seen goes out in that last turn.
  void run();
  /// Thread: any. run() returns after its present turn, or at once when it is called later.
  void stop();
  /// One turn; waits up to `timeout` for something to do (negative: without end). False: nothing was to do.
  bool run_once(Duration timeout);
  /// For a foreign loop: readable when run_once(zero) has something to do, due timers included. Wait for it there
  /// (level-triggered), call run_once(zero) each time, and once at the start. Borrowed.
  int descriptor();
  /// Thread: any. The next turn begins at once and calls on_letters. Coalesced: costs a system call only when the
  /// worker was not woken yet.
  void wake() { wake_up_.signal(); }

  /// What a crowd that is gone has used: in a timer's turn, so that nobody has received bytes in hand.
  void give_back_memory();

  // -- facts

  WorkerMark const& mark() const { return mark_; }
  WorkerOptions const& options() const { return options_; }
  bool uses_io_uring() const { return calls_.uses_io_uring(); }
  /// Thread: any.
  std::size_t connection_count() const { return counters_.open.get(); }
  WorkerCounters const& counters() const { return counters_; }

 private:
  struct Notice {
    enum class Kind : std::uint8_t { end, drained, closed };
    ConnectionId connection;
    Kind kind;
    CloseReason reason = CloseReason::closed_here;
  };
  struct ClosingDeadline {
    ConnectionId connection;
    TimePoint deadline;
  };

  // The phases of a turn, in order.
  int wait(Duration timeout);
  void collect(int event_count);
  void serve_reads();
  void serve_handshakes();
  void take_letters();
  void deliver_notices();
  void flush();
  void prepare_foreign_wait();

  int look(int wait_ms);
  int ask_kernel(int wait_ms);
  static ConnectionId connection_in(epoll_event const& event);
  bool has_work() const;
  void on_connection_event(ConnectionId id, std::uint32_t events);
  void on_edge_not_followed(ConnectionId id, Connection& c);

  void allocate_slots();
  void deliver_unread();
  void serve(std::vector<ConnectionId>& waiting, std::size_t most);
  void fill_receive_batch(std::span<ConnectionId const> waiting, std::size_t& done);
  void on_received(ConnectionId id, ReceiveRequest const& request);
  void on_bytes(ConnectionId id, Connection& c, MutableBytes bytes);
  void deliver(ConnectionId id, Connection& c, MutableBytes bytes);
  void on_receive_error(ConnectionId id, Connection& c, int error);
  void on_end_of_stream(ConnectionId id, Connection& c);
  void want_read(ConnectionId id, Connection& c);
  std::string take_undelivered(ConnectionId id);

  Connection* writable(ConnectionId id, std::size_t bytes);
  bool has_room(Connection const& c, std::size_t bytes) const;
  void send_early(ConnectionId id, Connection& c);
  Sent accepted(ConnectionId id, Connection& c);
  void mark_dirty(ConnectionId id, Connection& c);
  void send_chunk(std::vector<ConnectionId> const& to, std::size_t& done);
  void send_and_time();
  void on_sent(ConnectionId id, SendRequest const& request);
  void answer_first();
  bool serve_between_sends();

  // Encrypted connections, apart so that they cost the others nothing.
  void begin_tls(ConnectionId id, Connection& c, std::unique_ptr<TlsStream> tls);
  std::unique_ptr<TlsStream> take_tls(ConnectionId id, Connection& c);
  bool shakes_hands(ConnectionId id, Connection const& c) const;
  [[gnu::noinline]] void on_ciphertext(ConnectionId id, Connection& c, Bytes bytes);
  void follow_tls(ConnectionId id, Connection& c);
  [[gnu::noinline]] void encrypt_queued(ConnectionId id, Connection& c);
  [[gnu::noinline]] void encrypt_behind(ConnectionId id, Connection& c, Bytes head, Bytes body);
  void say_goodbye(ConnectionId id, Connection& c);
  void fail_tls(ConnectionId id, Connection& c);
  void on_handshake_deadline(TimePoint now);

  int look_measured(int wait_ms);
  void measure_sent(std::span<ConnectionId const> to);

  void end(ConnectionId id, Connection& c, CloseReason reason);
  void end_broken(ConnectionId id, Connection& c);
  void begin_flush(ConnectionId id, Connection& c);
  void finish_flush(ConnectionId id, Connection& c);
  void finish_linger(ConnectionId id, Connection& c);
  void destroy(ConnectionId id, Connection& c);
  void limit_flush_time(ConnectionId id, Connection& c);
  void limit_closing_time(std::deque<ClosingDeadline>& deadlines, ConnectionId id, Duration time);
  void drop_unread(ConnectionId id, Connection& c);
  void on_closing_deadline(TimePoint now);

  WorkerMark mark_;
  WorkerOptions options_;
  WorkerEvents& events_;
  WorkerCounters counters_;
  FileDescriptor epoll_;
  FileDescriptor foreign_timer_;  // a timerfd, only where a foreign loop waits for us
  std::optional<TimePoint> foreign_deadline_;
  WakeUp wake_up_;
  TimerWheel wheel_;
  Acceptor acceptor_;
  SystemCalls calls_;
  ConnectionTable table_;
  Output output_;
  std::unique_ptr<AnswerClock> answer_clock_;  // where answers are measured

  std::vector<epoll_event> epoll_events_;
  std::unique_ptr<char[]> slots_;
  std::vector<ConnectionId> readable_;  // each at most once (Connection::queued)
  std::vector<ConnectionId> asked_;     // who was read from last: in this turn, or this pause of a fan-out
  std::vector<ConnectionId> batch_;     // of the present submission, parallel to the requests
  std::vector<ReceiveRequest> receives_;
  std::size_t delivered_ = 0;              // of receives_, in order
  std::vector<ConnectionId> with_unread_;  // to be delivered in the next phase of reading
  std::unordered_map<std::uint32_t, std::string> unread_;

  // Who has output; the first dirty_done_ are sent. One that was sent to ahead of its turn is no longer
  // Connection::dirty, and may stand here once more if it has become so again.
  std::vector<ConnectionId> dirty_;
  std::size_t dirty_done_ = 0;
  std::size_t chunk_sends_;  // at most, in one submission: what has taken WorkerOptions::fan_out_pause of late
  std::vector<ConnectionId> send_batch_;
  std::vector<SendRequest> sends_;

  std::vector<Notice> notices_;
  std::vector<Notice> notices_in_delivery_;
  std::deque<ClosingDeadline> flush_deadlines_;
  std::deque<ClosingDeadline> linger_deadlines_;
  Timer closing_timer_{timer_callback<&Worker::on_closing_deadline>, this};

  std::vector<std::unique_ptr<TlsStream>> tls_;  // by ConnectionId::index, of those that are Connection::encrypted
  std::unique_ptr<char[]> plaintext_;            // of what is being delivered; only where there is TLS
  std::vector<ConnectionId> shaking_;            // readable too, in place of readable_: those that shake hands
  std::deque<ClosingDeadline> handshake_deadlines_;
  Timer handshake_timer_{timer_callback<&Worker::on_handshake_deadline>, this};

  bool woken_ = false;
  bool in_turn_ = false;
  std::atomic<bool> stop_{false};
};

}  // namespace chorus::net
