#include "net/acceptor.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "base/log.hpp"
#include "net/worker.hpp"

namespace chorus::net {

Acceptor::Acceptor(int epoll_descriptor, Timers& timers, WorkerCounters& counters)
    : epoll_(epoll_descriptor), timers_(timers), counters_(counters) {}

void Acceptor::listen(int listening_descriptor, std::uint64_t tag) {
  if (!spare_) open_spare();
  sockets_.push_back({listening_descriptor, tag + sockets_.size()});
  if (!pause_.armed() && !watch(sockets_.back())) {
    throw std::system_error(errno, std::generic_category(), "watching a listening socket");
  }
}

void Acceptor::stop() {
  pause_.disarm();
  for (Socket const& socket : sockets_) unwatch(socket);
  sockets_.clear();
  spare_.reset();
}

void Acceptor::leave(WorkerEvents& events) {
  for (Socket const& socket : sockets_) unwatch(socket);
  for (std::size_t position = 0; position < sockets_.size(); ++position) take(position, leave_accepts_max, events);
  stop();
}

void Acceptor::accept(std::size_t position, std::size_t max, WorkerEvents& events) {
  if (take(position, max, events) == 0) return;
  // on_accepted may have called stop_listening.
  if (position < sockets_.size() && !pause_.armed()) step_back(sockets_[position]);
}

// How many were accepted.
std::size_t Acceptor::take(std::size_t position, std::size_t max, WorkerEvents& events) {
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < max; ++i) {
    // Looked up each time: on_accepted may call stop_listening.
    if (position >= sockets_.size() || pause_.armed()) break;
    int const listening = sockets_[position].descriptor;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    FileDescriptor connection(::accept4(listening, generic, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection) {
      ++accepted;
      counters_.accepted.add();
      events.on_accepted(std::move(connection), PeerAddress::from(generic));
    } else if (errno == EMFILE || errno == ENFILE) {
      if (!refuse_one(listening)) break;
    } else if (errno == EAGAIN) {
      break;
    } else if (errno == ENOBUFS || errno == ENOMEM || errno == EBADF || errno == EINVAL) {
      pause();
      break;
    }  // else: that one connection died while it waited (accept(2): "treat them like EAGAIN by retrying")
  }
  return accepted;
}

void Acceptor::open_spare() { spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// False: nothing more to be done now.
bool Acceptor::refuse_one(int listening_descriptor) {
  if (!spare_) open_spare();
  if (!spare_) {
    pause();
    return false;
  }
  spare_.reset();
  FileDescriptor refused(::accept4(listening_descriptor, nullptr, nullptr, SOCK_CLOEXEC));
  bool const accepted = static_cast<bool>(refused);
  refused.reset();
  open_spare();
  if (!accepted) return false;
  counters_.refused_for_descriptors.add();
  return true;
}

bool Acceptor::watch(Socket const& socket) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.u64 = socket.tag;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.descriptor, &event) == 0 || errno == EEXIST;
}

void Acceptor::unwatch(Socket const& socket) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket.descriptor, nullptr); }

// The kernel wakes the first of the sleeping workers that watch the socket, and never changes their order: one that is
// soon done would get every connection. Watching it anew puts this one behind the others; what waits already is seen by
// the new watch (epoll_ctl(2), EPOLL_CTL_ADD of what is ready).
void Acceptor::step_back(Socket const& socket) {
  unwatch(socket);
  if (!watch(socket)) pause();
}

// The kernel is short of something: the queue of the listening socket holds the connections meanwhile.
void Acceptor::pause() {
  log(LogLevel::warning, "accept_paused", {{"reason", std::generic_category().message(errno)}});
  for (Socket const& socket : sockets_) unwatch(socket);
  timers_.arm_after(pause_, pause_time);
}

void Acceptor::on_pause_over(TimePoint) {
  for (Socket const& socket : sockets_) {
    if (!watch(socket)) return pause();
  }
}

}  // namespace chorus::net
