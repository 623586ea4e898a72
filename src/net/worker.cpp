// The turn: what happens when. Reading is in worker_input.cpp, writing in worker_output.cpp.
#include "net/worker.hpp"

#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/check.hpp"

namespace chorus::net {

namespace {

constexpr std::size_t turn_events_max = 512;
constexpr std::size_t chunk_sends_at_first = 256;

// Tags of the descriptors that are no connections: generation 0.
constexpr std::uint64_t wake_up_tag = 0;
constexpr std::uint64_t foreign_timer_tag = 1;
constexpr std::uint64_t first_listener_tag = 2;

std::uint64_t tag_of(ConnectionId id) { return std::uint64_t{id.generation} << 32 | id.index; }

bool watch(int epoll, int descriptor, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

FileDescriptor checked(int descriptor, char const* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(descriptor);
}

}  // namespace

Worker::Worker(WorkerOptions const& options, WorkerEvents& events)
    : options_(options),
      events_(events),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wheel_(SteadyClock::now()),
      acceptor_(epoll_.get(), wheel_, counters_),
      calls_(options.io_uring, std::max(options.receive_slots, options.turn_sends_max), counters_),
      output_(options.join_bytes_max),
      epoll_events_(turn_events_max),
      chunk_sends_(std::clamp<std::size_t>(options.turn_sends_max, 1, chunk_sends_at_first)) {
  options_.receive_slots = std::max<std::size_t>(1, options_.receive_slots);
  options_.receive_slot_bytes = std::max<std::size_t>(1, options_.receive_slot_bytes);
  options_.turn_receives_max = std::max<std::size_t>(1, options_.turn_receives_max);
  options_.turn_handshakes_max = std::max<std::size_t>(1, options_.turn_handshakes_max);
  options_.turn_sends_max = std::max<std::size_t>(1, options_.turn_sends_max);
  if (options_.on_answer) answer_clock_ = std::make_unique<AnswerClock>(options_.on_answer);
  allocate_slots();
  if (!watch(epoll_.get(), wake_up_.descriptor(), EPOLLIN | EPOLLET, wake_up_tag)) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

Worker::~Worker() {
  table_.for_each([](ConnectionId, Connection& c) { FileDescriptor(c.descriptor).reset(); });
}

// -- the turn

void Worker::run() {
  while (!stop_.exchange(false, std::memory_order_acquire)) run_once(Duration(-1));
}

void Worker::stop() {
  stop_.store(true, std::memory_order_release);
  wake_up_.post();
}

bool Worker::run_once(Duration timeout) {
  CHORUS_CHECK(!in_turn_, "a worker's turn was started from inside its own turn");
  WorkerTurn const turn(mark_);
  in_turn_ = true;
  bool const had_work = has_work();
  int const event_count = wait(timeout);
  wheel_.set_now(SteadyClock::now());
  counters_.turns.add();

  collect(event_count);
  serve_reads();
  serve_handshakes();
  take_letters();
  std::size_t const fired = wheel_.fire_due();
  deliver_notices();
  events_.on_turn_end();
  flush();
  table_.give_back();

  if (foreign_timer_) prepare_foreign_wait();
  in_turn_ = false;
  return had_work || event_count > 0 || fired > 0;
}

void Worker::give_back_memory() {
  allocate_slots();  // a worker with little to read touches few of them
  for (auto* const list : {&readable_, &shaking_, &asked_, &batch_, &with_unread_, &dirty_, &send_batch_})
    list->shrink_to_fit();
  for (auto* const list : {&notices_, &notices_in_delivery_}) list->shrink_to_fit();
  output_.give_back_memory();
  while (!tls_.empty() && !tls_.back()) tls_.pop_back();
  tls_.shrink_to_fit();
}

// A letter that was posted since the turn began counts too, though its wake-up was not collected.
void Worker::take_letters() {
  if (wake_up_.take() || woken_) {
    woken_ = false;
    events_.on_letters();
  }
}

// Something is to be done that no descriptor will tell of.
bool Worker::has_work() const {
  return !readable_.empty() || !shaking_.empty() || !with_unread_.empty() || !notices_.empty() || !dirty_.empty() ||
         woken_;
}

int Worker::wait(Duration timeout) {
  if (has_work()) timeout = Duration::zero();
  if (timeout != Duration::zero()) {
    if (auto const deadline = wheel_.next_deadline()) {
      Duration const left = std::max(Duration::zero(), *deadline - SteadyClock::now());
      timeout = timeout < Duration::zero() ? left : std::min(timeout, left);
    }
  }
  using std::chrono::milliseconds;
  constexpr milliseconds longest = std::chrono::hours(24);
  int const wait_ms =
      timeout < Duration::zero()
          ? -1
          : static_cast<int>(std::chrono::ceil<milliseconds>(std::min<Duration>(timeout, longest)).count());
  return look(wait_ms);
}

// What is ready, or becomes so within the time.
int Worker::look(int wait_ms) { return answer_clock_ ? look_measured(wait_ms) : ask_kernel(wait_ms); }

int Worker::ask_kernel(int wait_ms) {
  int const count = ::epoll_wait(epoll_.get(), epoll_events_.data(), static_cast<int>(epoll_events_.size()), wait_ms);
  return std::max(count, 0);  // EINTR: a turn without events
}

/// Whose event it is; an empty id: no connection's.
ConnectionId Worker::connection_in(epoll_event const& event) {
  return {static_cast<std::uint32_t>(event.data.u64), static_cast<std::uint32_t>(event.data.u64 >> 32)};
}

void Worker::collect(int event_count) {
  for (int i = 0; i < event_count; ++i) {
    epoll_event const& event = epoll_events_[static_cast<std::size_t>(i)];
    if (ConnectionId const id = connection_in(event)) {
      on_connection_event(id, event.events);
    } else if (event.data.u64 == wake_up_tag) {
      if (wake_up_.take()) woken_ = true;
    } else if (event.data.u64 >= first_listener_tag) {
      acceptor_.accept(event.data.u64 - first_listener_tag, options_.turn_accepts_max, events_);
    }
  }
}

void Worker::on_connection_event(ConnectionId id, std::uint32_t events) {
  Connection* const c = table_.find(id);
  if (c == nullptr || c->state == ConnectionState::ended) return;
  if (c->backlog && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) mark_dirty(id, *c);
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) c->hung_up = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) c->broken = true;
  if (c->at_end) {
    if (c->broken) end_broken(id, *c);
  } else if (c->paused || c->has_unread) {
    on_edge_not_followed(id, *c);
  } else {
    want_read(id, *c);
  }
}

void Worker::deliver_notices() {
  notices_in_delivery_.swap(notices_);
  for (Notice const& notice : notices_in_delivery_) {
    ConnectionId const id = notice.connection;
    Connection* const c = table_.find(id);
    if (c == nullptr) continue;
    bool const open = c->state == ConnectionState::open;
    switch (notice.kind) {
      case Notice::Kind::end:
        if (open && !std::exchange(c->end_told, true)) c->handler->on_end(id);
        break;
      case Notice::Kind::drained:
        if (open && !c->backlog) c->handler->on_drained(id);
        break;
      case Notice::Kind::closed: {
        ConnectionHandler* const handler = std::exchange(c->handler, nullptr);
        if (c->state == ConnectionState::ended) destroy(id, *c);
        handler->on_closed(id, notice.reason);
        break;
      }
    }
  }
  notices_in_delivery_.clear();
}

// -- running inside a foreign loop

int Worker::descriptor() {
  if (!foreign_timer_) {
    foreign_timer_ = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    if (!watch(epoll_.get(), foreign_timer_.get(), EPOLLIN | EPOLLET, foreign_timer_tag)) {
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
    prepare_foreign_wait();
  }
  return epoll_.get();
}

// The foreign loop only looks at the epoll descriptor: work that no event tells of, and time, must make events.
void Worker::prepare_foreign_wait() {
  if (has_work()) return wake_up_.post();
  auto const deadline = wheel_.next_deadline();
  if (deadline == foreign_deadline_) return;
  foreign_deadline_ = deadline;
  using std::chrono::seconds;
  auto const since_boot = deadline ? deadline->time_since_epoch() : Duration::zero();  // zero disarms
  auto const whole = std::chrono::floor<seconds>(since_boot);
  itimerspec const time{.it_interval = {},
                        .it_value = {.tv_sec = whole.count(), .tv_nsec = (since_boot - whole).count()}};
  ::timerfd_settime(foreign_timer_.get(), TFD_TIMER_ABSTIME, &time, nullptr);
}

// -- connections

ConnectionId Worker::adopt(FileDescriptor descriptor, ConnectionHandler& handler, Bytes unread,
                           std::unique_ptr<TlsStream> tls) {
  ConnectionId const id = table_.add(descriptor.get(), handler);
  if (!watch(epoll_.get(), descriptor.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, tag_of(id))) {
    table_.remove(id);
    return {};
  }
  [[maybe_unused]] int const now_in_table = descriptor.release();
  counters_.open.add();
  if (!unread.empty()) {
    table_.find(id)->has_unread = true;
    unread_[id.index] = unread;
    with_unread_.push_back(id);
  }
  if (tls) begin_tls(id, *table_.find(id), std::move(tls));
  return id;
}

void Worker::set_handler(ConnectionId connection, ConnectionHandler& handler) {
  if (Connection* const c = table_.find(connection); c != nullptr && c->handler != nullptr) c->handler = &handler;
}

ReleasedConnection Worker::release(ConnectionId connection) {
  Connection* const c = table_.find(connection);
  if (c == nullptr || c->state != ConnectionState::open) return {};
  CHORUS_CHECK(output_.unsent(*c) == 0, "a connection was released with unsent output");
  ReleasedConnection released{FileDescriptor(std::exchange(c->descriptor, -1)), take_undelivered(connection), {}};
  released.tls = take_tls(connection, *c);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, released.descriptor.get(), nullptr);
  destroy(connection, *c);
  return released;
}

bool Worker::is_open(ConnectionId connection) const {
  Connection const* const c = table_.find(connection);
  return c != nullptr && c->handler != nullptr;
}

PeerAddress Worker::peer_address(ConnectionId connection) const {
  Connection const* const c = table_.find(connection);
  return c != nullptr && c->descriptor >= 0 ? PeerAddress::of(c->descriptor) : PeerAddress{};
}

void Worker::listen(int listening_descriptor) { acceptor_.listen(listening_descriptor, first_listener_tag); }
void Worker::stop_listening() { acceptor_.stop(); }
void Worker::leave_listening() { acceptor_.leave(events_); }

// -- how connections end

void Worker::close(ConnectionId connection, CloseMode mode) {
  Connection* const c = table_.find(connection);
  if (c == nullptr || c->handler == nullptr) return;
  if (mode == CloseMode::now) return destroy(connection, *c);
  if (c->state != ConnectionState::open) return;
  if (c->encrypted) say_goodbye(connection, *c);
  if (c->state == ConnectionState::open) begin_flush(connection, *c);
}

void Worker::begin_flush(ConnectionId id, Connection& c) {
  c.state = ConnectionState::flushing;
  c.paused = false;
  drop_unread(id, c);
  if (c.readable) want_read(id, c);
  if (output_.unsent(c) == 0) return finish_flush(id, c);
  if (c.backlog) limit_flush_time(id, c);
}

// The worker's own decision: the owner is told at a safe point.
void Worker::end(ConnectionId id, Connection& c, CloseReason reason) {
  if (c.state == ConnectionState::lingering) return finish_linger(id, c);
  c.state = ConnectionState::ended;
  FileDescriptor(std::exchange(c.descriptor, -1)).reset();
  output_.drop(c);
  drop_unread(id, c);
  take_tls(id, c);
  if (reason == CloseReason::backlog_full) counters_.closed_for_backlog.add();
  notices_.push_back({id, Notice::Kind::closed, reason});
}

void Worker::end_broken(ConnectionId id, Connection& c) {
  end(id, c, take_socket_error(c.descriptor) != 0 ? CloseReason::peer_reset : CloseReason::peer_closed);
}

// All is with the kernel. Closing at once could still destroy it: bytes that came in meanwhile make close() a reset. So
// the peer gets our EOF, and its input is read until it sends its own.
void Worker::finish_flush(ConnectionId id, Connection& c) {
  bool const told = ::shutdown(c.descriptor, SHUT_WR) == 0;
  if (!told || c.at_end) return end(id, c, CloseReason::closed_here);
  c.state = ConnectionState::lingering;
  limit_closing_time(linger_deadlines_, id, options_.linger_time_max);
  notices_.push_back({id, Notice::Kind::closed, CloseReason::closed_here});
}

void Worker::finish_linger(ConnectionId id, Connection& c) {
  if (c.handler == nullptr) return destroy(id, c);
  c.state = ConnectionState::ended;  // the notice is still on its way
  FileDescriptor(std::exchange(c.descriptor, -1)).reset();
}

void Worker::destroy(ConnectionId id, Connection& c) {
  FileDescriptor(c.descriptor).reset();
  output_.drop(c);
  drop_unread(id, c);
  take_tls(id, c);
  table_.remove(id);
  counters_.open.subtract();
}

void Worker::limit_flush_time(ConnectionId id, Connection& c) {
  if (!std::exchange(c.has_deadline, true)) limit_closing_time(flush_deadlines_, id, options_.flush_time_max);
}

void Worker::limit_closing_time(std::deque<ClosingDeadline>& deadlines, ConnectionId id, Duration time) {
  deadlines.push_back({id, now() + time});
  if (!closing_timer_.armed() || deadlines.back().deadline < closing_timer_.deadline()) {
    wheel_.arm(closing_timer_, deadlines.back().deadline);
  }
}

void Worker::on_closing_deadline(TimePoint now) {
  for (auto* const deadlines : {&flush_deadlines_, &linger_deadlines_}) {
    while (!deadlines->empty() && deadlines->front().deadline <= now) {
      ConnectionId const id = deadlines->front().connection;
      deadlines->pop_front();
      Connection* const c = table_.find(id);
      if (c == nullptr || c->state == ConnectionState::open || c->state == ConnectionState::ended) continue;
      if (c->state == ConnectionState::flushing || deadlines == &linger_deadlines_)
        end(id, *c, CloseReason::closed_here);
    }
    if (deadlines->empty()) continue;
    TimePoint const next = deadlines->front().deadline;
    if (!closing_timer_.armed() || next < closing_timer_.deadline()) wheel_.arm(closing_timer_, next);
  }
}

}  // namespace chorus::net
