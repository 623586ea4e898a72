// Accepting, also when there is no descriptor left. Internal to net.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "net/file_descriptor.hpp"
#include "net/worker_options.hpp"

namespace chorus::net {

class WorkerEvents;

/// The listening sockets of one worker, in its epoll set. EPOLLEXCLUSIVE: a connection wakes one worker, not all;
/// those who sleep take turns, also those of other processes that share the socket.
///
/// Without descriptors (EMFILE, ENFILE) a waiting connection would keep the socket readable and the loop spinning, so
/// it is accepted on a spare descriptor and closed at once: the peer learns it, everybody else feels nothing.
class Acceptor {
 public:
  Acceptor(int epoll_descriptor, Timers& timers, WorkerCounters& counters);

  /// Events of the socket carry `tag` + its position among the listening sockets as data. Throws std::system_error when
  /// the kernel refuses to watch it.
  void listen(int listening_descriptor, std::uint64_t tag);
  void stop();
  /// Stops, and accepts what waits: a connection that woke this worker alone wakes nobody else any more. Up to
  /// `leave_accepts_max`, since others may be accepting too.
  void leave(WorkerEvents& events);
  /// Accepts up to `max` connections of the socket at `position`.
  void accept(std::size_t position, std::size_t max, WorkerEvents& events);

 private:
  static constexpr Duration pause_time = std::chrono::milliseconds(100);
  static constexpr std::size_t leave_accepts_max = 4096;  // of each socket: the longest queue there may be

  struct Socket {
    int descriptor = -1;
    std::uint64_t tag = 0;
  };

  std::size_t take(std::size_t position, std::size_t max, WorkerEvents& events);
  void step_back(Socket const& socket);
  void open_spare();
  bool refuse_one(int listening_descriptor);
  bool watch(Socket const& socket);
  void unwatch(Socket const& socket);
  void pause();
  void on_pause_over(TimePoint now);

  int epoll_;
  Timers& timers_;
  WorkerCounters& counters_;
  std::vector<Socket> sockets_;
  FileDescriptor spare_;
  Timer pause_{timer_callback<&Acceptor::on_pause_over>, this};
};

}  // namespace chorus::net
