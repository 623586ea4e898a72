// The calls of a turn, many in one go. The one home of liburing. Internal to net.
#pragma once
#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>

#include "net/worker_options.hpp"

namespace chorus::net {

struct ReceiveRequest {
  int descriptor = -1;
  char* data = nullptr;
  std::size_t size = 0;
  ssize_t result = 0;  // bytes, or -errno
};

struct SendRequest {
  int descriptor = -1;
  char const* data = nullptr;
  std::size_t size = 0;             // in all
  msghdr const* message = nullptr;  // several pieces; then `data` is not looked at
  ssize_t result = 0;               // bytes, or -errno
};

/// Non-blocking calls in batches: through io_uring when there are two or more and the kernel allows it, else one by
/// one. Either way all results are there when the method returns, and the kernel looks at no memory any more.
///
/// Thread: any, one at a time; a ring belongs to a thread, so a change of threads costs a new ring.
class SystemCalls {
 public:
  SystemCalls(IoUring mode, std::size_t batch_max, WorkerCounters& counters);
  ~SystemCalls();

  bool uses_io_uring() const { return uses_io_uring_; }

  void receive(std::span<ReceiveRequest> requests);
  void send(std::span<SendRequest> requests);

 private:
  class Ring;

  bool ring_ready();
  template <class Request>
  void perform(std::span<Request> requests);

  bool uses_io_uring_;
  unsigned ring_entries_;
  unsigned thread_changes_ = 0;
  std::unique_ptr<Ring> ring_;
  WorkerCounters& counters_;
};

}  // namespace chorus::net
