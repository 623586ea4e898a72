#include "net/system_calls.hpp"

#include <liburing.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <thread>

#include "net/file_descriptor.hpp"

namespace chorus::net {

namespace {

constexpr ssize_t unanswered = std::numeric_limits<ssize_t>::min();
constexpr unsigned ring_entries_max = 4096;
// A worker that changes threads this often runs in a strand: its rings are made without the ties to one thread.
constexpr unsigned thread_changes_max = 3;

void prepare(io_uring_sqe* entry, ReceiveRequest const& r) {
  io_uring_prep_recv(entry, r.descriptor, r.data, r.size, MSG_DONTWAIT);
}
void prepare(io_uring_sqe* entry, SendRequest const& r) {
  if (r.message != nullptr) {
    io_uring_prep_sendmsg(entry, r.descriptor, r.message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    io_uring_prep_send(entry, r.descriptor, r.data, r.size, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
}

ssize_t call(ReceiveRequest const& r) { return ::recv(r.descriptor, r.data, r.size, MSG_DONTWAIT); }
ssize_t call(SendRequest const& r) {
  if (r.message != nullptr) return ::sendmsg(r.descriptor, r.message, MSG_DONTWAIT | MSG_NOSIGNAL);
  return ::send(r.descriptor, r.data, r.size, MSG_DONTWAIT | MSG_NOSIGNAL);
}
template <class Request>
void perform_plainly(Request& request) {
  ssize_t const result = call(request);
  request.result = result < 0 ? -errno : result;
}

}  // namespace

class SystemCalls::Ring {
 public:
  Ring(unsigned entries, bool tied_to_thread) : owner_(std::this_thread::get_id()), tied_(tied_to_thread) {
    io_uring_params params{};
    params.flags = IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL;
    if (tied_) params.flags |= IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    works_ = io_uring_queue_init_params(entries, &ring_, &params) == 0;
    if (!works_) works_ = set_up_without_flags(entries);
  }
  ~Ring() {
    if (works_) io_uring_queue_exit(&ring_);
  }
  Ring(Ring const&) = delete;
  Ring& operator=(Ring const&) = delete;

  bool works() const { return works_; }
  bool usable_here() const { return !tied_ || owner_ == std::this_thread::get_id(); }

  /// False: the ring failed; requests whose result is still `unanswered` were not performed.
  template <class Request>
  bool perform(std::span<Request> requests, WorkerCounters& counters) {
    for (Request& request : requests) request.result = unanswered;
    while (!requests.empty()) {
      auto const part = requests.first(std::min<std::size_t>(requests.size(), ring_.sq.ring_entries));
      if (!perform_part(part, counters)) return false;
      requests = requests.subspan(part.size());
    }
    return true;
  }

 private:
  // Before Linux 6.1 some of the flags are unknown; the ring does the same without them.
  bool set_up_without_flags(unsigned entries) {
    io_uring_params params{};
    params.flags = IORING_SETUP_CLAMP;
    tied_ = false;
    return io_uring_queue_init_params(entries, &ring_, &params) == 0;
  }

  template <class Request>
  bool perform_part(std::span<Request> requests, WorkerCounters& counters) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
      prepare(entry, requests[i]);
      entry->user_data = i;
    }
    std::size_t answered = 0;
    for (int failures = 0; io_uring_sq_ready(&ring_) > 0;) {
      counters.enters.add();
      if (io_uring_submit(&ring_) <= 0 && ++failures > 3) return give_up(requests);
      answered += reap(requests);
    }
    // MSG_DONTWAIT answers within the submission; should one ever be late, its memory is not given up before.
    while (answered < requests.size()) {
      counters.enters.add();
      io_uring_cqe* one = nullptr;
      if (int const error = io_uring_wait_cqe(&ring_, &one); error < 0 && error != -EINTR) return give_up(requests);
      answered += reap(requests);
    }
    return true;
  }

  // What the kernel took without ever answering must not be done twice: that would corrupt a stream.
  template <class Request>
  bool give_up(std::span<Request> requests) {
    for (Request& request : requests.first(requests.size() - io_uring_sq_ready(&ring_))) {
      if (request.result == unanswered) request.result = -EIO;
    }
    return false;
  }

  template <class Request>
  unsigned reap(std::span<Request> requests) {
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* entry = nullptr;
    io_uring_for_each_cqe(&ring_, head, entry) {
      ++count;
      requests[entry->user_data].result = entry->res;
    }
    io_uring_cq_advance(&ring_, count);
    return count;
  }

  io_uring ring_{};
  std::thread::id owner_;
  bool tied_;
  bool works_ = false;
};

namespace {

// A ring can be set up and yet refuse work (seccomp, io_uring_disabled, an old kernel): one real send decides.
bool send_through_ring_works() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return false;
  FileDescriptor const left(pair[0]);
  FileDescriptor const right(pair[1]);
  io_uring ring{};
  if (io_uring_queue_init(4, &ring, 0) != 0) return false;
  SendRequest const request{.descriptor = left.get(), .data = "?", .size = 1};
  prepare(io_uring_get_sqe(&ring), request);
  io_uring_cqe* answer = nullptr;
  bool const works = io_uring_submit(&ring) == 1 && io_uring_wait_cqe(&ring, &answer) == 0 && answer->res == 1;
  io_uring_queue_exit(&ring);
  return works;
}

bool io_uring_works() {
  static bool const works = send_through_ring_works();
  return works;
}

}  // namespace

SystemCalls::SystemCalls(IoUring mode, std::size_t batch_max, WorkerCounters& counters)
    : uses_io_uring_(mode == IoUring::automatic && io_uring_works()),
      ring_entries_(static_cast<unsigned>(std::clamp<std::size_t>(batch_max, 2, ring_entries_max))),
      counters_(counters) {}

SystemCalls::~SystemCalls() = default;

bool SystemCalls::ring_ready() {
  if (ring_ && ring_->usable_here()) return true;
  if (ring_) ++thread_changes_;
  ring_ = std::make_unique<Ring>(ring_entries_, thread_changes_ < thread_changes_max);
  if (!ring_->works()) {
    ring_.reset();
    uses_io_uring_ = false;
  }
  return uses_io_uring_;
}

template <class Request>
void SystemCalls::perform(std::span<Request> requests) {
  if (requests.size() >= 2 && uses_io_uring_ && ring_ready()) {
    if (ring_->perform(requests, counters_)) return;
    uses_io_uring_ = false;
    ring_.reset();
    for (Request& request : requests) {
      if (request.result == unanswered) perform_plainly(request);
    }
    return;
  }
  for (Request& request : requests) perform_plainly(request);
}

void SystemCalls::receive(std::span<ReceiveRequest> requests) {
  counters_.receives.add(requests.size());
  perform(requests);
}

void SystemCalls::send(std::span<SendRequest> requests) {
  counters_.sends.add(requests.size());
  perform(requests);
}

}  // namespace chorus::net
