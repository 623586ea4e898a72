#include "app/supervisor/channel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chorus::app {
namespace {

using namespace std::chrono_literals;
using Kind = Channel::Received::Kind;

TEST(Channel, keeps_messages_apart) {
  auto [here, there] = Channel::pair();
  EXPECT_EQ(there.receive().kind, Kind::nothing);
  EXPECT_FALSE(there.wait_for_message(0ms));
  EXPECT_TRUE(here.send("one"));
  EXPECT_TRUE(here.send("two"));
  EXPECT_TRUE(there.wait_for_message(0ms));
  EXPECT_EQ(there.receive().text, "one");
  EXPECT_EQ(there.receive().text, "two");
  EXPECT_EQ(there.receive().kind, Kind::nothing);
}

TEST(Channel, passes_descriptors) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  server::FileDescriptor const reader(ends[0]);
  auto [here, there] = Channel::pair();
  EXPECT_TRUE(here.send("a pipe", {ends[1]}));
  ::close(ends[1]);
  auto received = there.receive();
  ASSERT_EQ(received.descriptors.size(), 1u);
  int const writer = received.descriptors.front().get();
  EXPECT_NE(::fcntl(writer, F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(writer, "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(Channel, tells_when_the_other_end_is_gone_behind_what_it_said) {
  auto ends = Channel::pair();
  std::optional<Channel> there(std::move(ends.second));
  EXPECT_TRUE(there->send("last words"));
  there.reset();
  EXPECT_EQ(ends.first.receive().text, "last words");
  EXPECT_EQ(ends.first.receive().kind, Kind::closed);
  EXPECT_FALSE(ends.first.send("hello?"));
}

TEST(Channel, drops_what_is_too_long) {
  auto [here, there] = Channel::pair();
  EXPECT_FALSE(here.send(std::string(Channel::message_bytes_max + 1, 'x')));
  EXPECT_FALSE(here.send(""));
  EXPECT_FALSE(here.send("too many", std::vector<int>(Channel::descriptors_max + 1, 0)));
  std::string const longer(Channel::message_bytes_max + 1, 'x');
  ASSERT_EQ(::send(here.descriptor(), longer.data(), longer.size(), 0), static_cast<ssize_t>(longer.size()));
  EXPECT_EQ(there.receive().kind, Kind::garbage);
  EXPECT_TRUE(here.send("next"));
  EXPECT_EQ(there.receive().text, "next");
}

TEST(Channel, does_not_wait_for_a_reader_that_does_not_read) {
  auto [here, there] = Channel::pair();
  std::string const message(Channel::message_bytes_max, 'x');
  int sent = 0;
  while (here.send(message)) ++sent;
  EXPECT_GT(sent, 0);
  EXPECT_EQ(there.receive().text.size(), message.size());
}

}  // namespace
}  // namespace chorus::app
