// What a client and its namespace see while middlewares decide about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::ClientWorld;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::size_t listed(Namespace const& nsp) {
  std::size_t count = 99;
  nsp.everyone().fetch_sockets([&](std::vector<SocketInfo> const& found) { count = found.size(); });
  return count;
}

TEST(Middlewares, MW4_MW7_each_runs_when_the_one_before_agreed_and_the_connection_is_told_after_the_last) {
  HubWorld world;
  std::vector<std::string> story;
  std::vector<Verdict> verdicts;
  auto nsp = world.of("/guarded");
  for (std::string const name : {"first", "second"})
    nsp.use([&, name](Socket const&, Verdict verdict) {
      story.push_back(name);
      verdicts.push_back(verdict);
    });
  nsp.on_connection([&](Socket const&) { story.emplace_back("connection"); });
  world.of("/").use([&](Socket const&) {
    story.emplace_back("of another namespace");
    return admit();
  });
  ClientWorld client(world);
  EXPECT_THAT(client.say("0/guarded,"), IsEmpty());
  EXPECT_THAT(story, ElementsAre("first"));
  verdicts[0](admit());
  EXPECT_THAT(story, ElementsAre("first", "second"));
  EXPECT_THAT(client.heard(), IsEmpty());
  verdicts[1](admit());
  EXPECT_THAT(story, ElementsAre("first", "second", "connection"));
  EXPECT_THAT(client.heard(), ElementsAre(StartsWith("0/guarded,{")));
}

TEST(Middlewares, MW10_a_socket_is_neither_connected_nor_listed_before_they_agreed) {
  HubWorld world;
  auto nsp = world.of("/");
  std::vector<Verdict> verdicts;
  std::vector<bool> connected;
  nsp.use([&](Socket const& socket, Verdict verdict) {
    connected.push_back(socket.connected());
    verdicts.push_back(verdict);
  });
  nsp.on_connection([&](Socket const& socket) {
    connected.push_back(socket.connected());
    EXPECT_EQ(listed(nsp), 1u);
  });
  ClientWorld client(world);
  client.say("0");
  EXPECT_EQ(listed(nsp), 0u);
  verdicts[0](admit());
  EXPECT_THAT(connected, ElementsAre(false, true));
}

TEST(Middlewares, UW9_rooms_joined_in_one_count_when_it_agrees_SK52_and_are_left_when_it_refuses) {
  HubWorld world;
  auto nsp = world.of("/");
  nsp.use([](Socket const& socket) -> Admission {
    socket.join("hall");
    return socket.handshake().auth<bool>("welcome") == true ? admit() : refuse("not you");
  });
  {
    ClientWorld guest(world), stranger(world);
    guest.say(R"(0{"welcome":true})");
    EXPECT_THAT(stranger.say("0"), ElementsAre(R"(4{"message":"not you"})"));
    nsp.to("hall").emit("x");
    EXPECT_THAT(guest.heard(), ElementsAre(R"(2["x"])"));
    EXPECT_THAT(stranger.heard(), IsEmpty());
    guest.say("1");
    EXPECT_THAT(world.board->interest, IsEmpty());
    guest.engine.cut_everything();
    stranger.engine.cut_everything();
  }
}

}  // namespace
}  // namespace chorus::socket
