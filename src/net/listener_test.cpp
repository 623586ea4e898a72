#include "net/listener.hpp"

#include <netinet/tcp.h>

#include "net/test_support.hpp"

namespace chorus::net {
namespace {

using testing::Test;

bool has_ipv6() {
  FileDescriptor const socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

TEST(Listener, takes_both_loopbacks_on_one_free_port_for_localhost) {
  auto const listener = Listener::open({});
  ASSERT_TRUE(listener) << listener.error().message();
  EXPECT_NE(listener->port(), 0);
  std::string const port = std::to_string(listener->port());
  ASSERT_EQ(listener->addresses().size(), has_ipv6() ? 2u : 1u);
  EXPECT_EQ(listener->addresses()[0], "127.0.0.1:" + port);
  if (has_ipv6()) {
    EXPECT_EQ(listener->addresses()[1], "[::1]:" + port);
  }
  FileDescriptor const client = connect_to(listener->port());
  FileDescriptor const accepted(::accept4(listener->sockets()[0].get(), nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_NE(no_delay, 0);
}

TEST(Listener, takes_ipv4_too_on_the_any_address_of_ipv6) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  auto const listener = Listener::open({.host = "::"});
  ASSERT_TRUE(listener) << listener.error().message();
  FileDescriptor const client = connect_to(listener->port());
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  FileDescriptor const accepted(::accept4(listener->sockets()[0].get(), generic, &size, SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(PeerAddress::from(generic).host(), "127.0.0.1") << "not ::ffff:127.0.0.1";
}

TEST(Listener, names_the_process_that_holds_the_port) {
  auto const first = Listener::open({.host = "127.0.0.1"});
  ASSERT_TRUE(first);
  auto const second = Listener::open({.host = "127.0.0.1", .port = first->port()});
  ASSERT_FALSE(second);
  ListenError const& error = second.error();
  EXPECT_EQ(error.key, "port");
  EXPECT_EQ(error.value, std::to_string(first->port()));
  EXPECT_EQ(error.code, EADDRINUSE);
  EXPECT_EQ(error.holder, "process " + std::to_string(::getpid()) + " (net_test)");
  EXPECT_EQ(error.message(),
            "cannot listen: port = " + error.value + ": " + error.reason + ", held by " + error.holder);
}

TEST(Listener, can_take_the_port_again_at_once_after_connections_were_served) {
  std::uint16_t port = 0;
  {
    auto const listener = Listener::open({.host = "127.0.0.1"});
    port = listener->port();
    FileDescriptor const client = connect_to(port);
    FileDescriptor const accepted(::accept4(listener->sockets()[0].get(), nullptr, nullptr, SOCK_CLOEXEC));
  }  // the accepted end closes first and stays in TIME_WAIT
  auto const again = Listener::open({.host = "127.0.0.1", .port = port});
  EXPECT_TRUE(again) << again.error().message();
}

TEST(Listener, blames_the_host_that_is_not_here) {
  for (char const* host : {"192.0.2.1", "no.such.name.invalid", "not a name"}) {
    auto const listener = Listener::open({.host = host});
    ASSERT_FALSE(listener) << host;
    EXPECT_EQ(listener.error().key, "host");
    EXPECT_EQ(listener.error().value, host);
    EXPECT_FALSE(listener.error().reason.empty());
  }
}

TEST(Listener, takes_over_sockets_opened_by_somebody_else) {
  std::uint16_t port = 0;
  std::vector<FileDescriptor> sockets;
  sockets.push_back(listen_on_loopback(port));
  Listener const listener = Listener::of(std::move(sockets));
  EXPECT_EQ(listener.port(), port);
  EXPECT_EQ(listener.addresses()[0], "127.0.0.1:" + std::to_string(port));
}

TEST(Listener, is_shared_by_workers) {
  auto const listener = Listener::open({});
  ASSERT_TRUE(listener);
  Events first_events;
  Events second_events;
  int accepted = 0;
  first_events.accepted = second_events.accepted = [&](FileDescriptor, PeerAddress const&) { ++accepted; };
  Worker first({}, first_events);
  Worker second({}, second_events);
  for (FileDescriptor const& socket : listener->sockets()) {
    first.listen(socket.get());
    second.listen(socket.get());
  }
  std::array<FileDescriptor, 20> clients;
  for (FileDescriptor& client : clients) client = connect_to(listener->port());
  TimePoint const deadline = SteadyClock::now() + test_patience;
  while (accepted < 20 && SteadyClock::now() < deadline) {
    first.run_once(Duration::zero());
    second.run_once(Duration::zero());
  }
  EXPECT_EQ(accepted, 20);
}

}  // namespace
}  // namespace chorus::net
