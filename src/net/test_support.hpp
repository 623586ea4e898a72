// What the tests of net share: sockets, handlers that remember, and waiting for a condition with a deadline.
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "net/worker.hpp"

namespace chorus::net {

inline constexpr Duration test_patience = std::chrono::seconds(20);

struct SocketPair {
  FileDescriptor near;
  FileDescriptor far;
};

/// Two ends of a Unix stream; both non-blocking.
inline SocketPair unix_pair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

inline FileDescriptor listen_on_loopback(std::uint16_t& port) {
  FileDescriptor listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listening.get(), generic, size), 0);
  EXPECT_EQ(::listen(listening.get(), 1024), 0);
  EXPECT_EQ(::getsockname(listening.get(), generic, &size), 0);
  port = ntohs(address.sin_port);
  return listening;
}

inline FileDescriptor connect_to(std::uint16_t port) {
  FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::fcntl(client.get(), F_SETFL, O_NONBLOCK);
  return client;
}

/// Two ends of a TCP connection over loopback.
inline SocketPair tcp_pair() {
  std::uint16_t port = 0;
  FileDescriptor const listening = listen_on_loopback(port);
  FileDescriptor far = connect_to(port);
  pollfd wait{.fd = listening.get(), .events = POLLIN, .revents = 0};
  ::poll(&wait, 1, 10'000);
  return {FileDescriptor(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)), std::move(far)};
}

inline void reset_on_close(FileDescriptor const& socket) {
  linger const at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

inline void send_all(FileDescriptor const& socket, Bytes bytes) {
  while (!bytes.empty()) {
    ssize_t const n = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ASSERT_GT(n, 0) << "the kernel's buffer is too small for this test";
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// What can be read now, appended to `to`. True: the end of the stream (or a reset) was met.
inline bool read_available(FileDescriptor const& socket, std::string& to, std::size_t max = 1 << 30) {
  std::array<char, 65536> buffer{};
  while (max > 0) {
    ssize_t const n = ::recv(socket.get(), buffer.data(), std::min(max, buffer.size()), MSG_DONTWAIT);
    if (n < 0) return errno != EAGAIN;
    if (n == 0) return true;
    to.append(buffer.data(), static_cast<std::size_t>(n));
    max -= static_cast<std::size_t>(n);
  }
  return false;
}

struct Events : WorkerEvents {
  void on_accepted(FileDescriptor descriptor, PeerAddress const& peer) override {
    if (accepted) accepted(std::move(descriptor), peer);
  }
  void on_letters() override {
    if (letters) letters();
  }
  void on_turn_end() override {
    if (turn_end) turn_end();
  }

  std::function<void(FileDescriptor, PeerAddress const&)> accepted;
  std::function<void()> letters;
  std::function<void()> turn_end;
};

/// Remembers what it was told; a test hangs what it needs into the functions.
struct Recorder : ConnectionHandler {
  void on_data(ConnectionId id, MutableBytes bytes) override {
    data.append(bytes.data(), bytes.size());
    log += "d";
    if (when_data) when_data(id, bytes);
  }
  void on_end(ConnectionId id) override {
    log += "e";
    if (when_end) when_end(id);
  }
  void on_drained(ConnectionId id) override {
    log += "D";
    if (when_drained) when_drained(id);
  }
  void on_closed(ConnectionId id, CloseReason why) override {
    log += "c";
    reason = why;
    closed = true;
    if (when_closed) when_closed(id);
  }

  std::string data;
  std::string log;  // d: data, e: end, D: drained, c: closed
  bool closed = false;
  CloseReason reason = CloseReason::closed_here;
  std::function<void(ConnectionId, MutableBytes)> when_data;
  std::function<void(ConnectionId)> when_end;
  std::function<void(ConnectionId)> when_drained;
  std::function<void(ConnectionId)> when_closed;
};

/// Many connections of one owner.
struct Crowd {
  Crowd(Worker& worker, ConnectionHandler& owner, std::size_t size, SocketPair (*make_pair)() = unix_pair) {
    for (std::size_t i = 0; i < size; ++i) {
      pairs.push_back(make_pair());
      ids.push_back(worker.adopt(std::move(pairs.back().near), owner));
    }
  }

  std::vector<SocketPair> pairs;
  std::vector<ConnectionId> ids;
};

/// Every test with io_uring (where the kernel has it) and without.
class WorkerTest : public testing::TestWithParam<IoUring> {
 protected:
  WorkerOptions options() const {
    WorkerOptions result;
    result.io_uring = GetParam();
    return result;
  }

  /// Turns until `condition` holds; false when patience ends.
  template <class Condition>
  static bool turn_until(Worker& worker, Condition condition) {
    TimePoint const deadline = SteadyClock::now() + test_patience;
    while (!condition()) {
      if (SteadyClock::now() > deadline) return false;
      worker.run_once(std::chrono::milliseconds(5));
    }
    return true;
  }

  /// Turns until there is nothing to do.
  static void settle(Worker& worker) {
    while (worker.run_once(Duration::zero())) {
    }
  }

  Events events_;
};

inline std::string io_uring_name(testing::TestParamInfo<IoUring> const& info) {
  return info.param == IoUring::off ? "plain_calls" : "io_uring";
}

#define CHORUS_FOR_BOTH_WAYS_OF_IO(Suite) \
  INSTANTIATE_TEST_SUITE_P(IO, Suite, testing::Values(IoUring::automatic, IoUring::off), io_uring_name)

}  // namespace chorus::net
