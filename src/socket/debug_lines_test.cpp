// What a namespace says of itself to whoever looks for a fault: steps, names and lengths, and no secret.
#include "socket/debug_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/log_lines.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::ClientWorld;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HubWorld;
using ::testing::IsEmpty;
using testing::LogLines;
using ::testing::Not;
using namespace std::chrono_literals;

/// Lines with the socket's random id as ID.
std::vector<std::string> without_id(std::vector<std::string> lines, Socket const& socket) {
  for (auto& line : lines)
    for (std::size_t at = 0; (at = line.find(socket.id())) != line.npos;) line.replace(at, socket.id().size(), "ID");
  return lines;
}

TEST(DebugLines, tell_of_a_clients_way_through_a_namespace_and_of_no_other) {
  LogLines log("/chat");
  HubWorld world;
  Socket socket;
  world.of("/other").on_connection([](Socket const& s) { s.join("unseen"); });
  auto chat = world.of("/chat");
  chat.use([](Handshake const&) { return admit(UserId{"ada"}); });
  chat.on_connection([&](Socket const& s) { socket = s; });
  chat.on("add", [](Socket const& s, int a, int b, Ack ack) {
    s.join("sums");
    s.emit("adding", Binary("12345"));
    ack(a + b);
  });
  ClientWorld client(world);
  client.say("0/other,");
  EXPECT_THAT(log.take(), IsEmpty());
  client.say(R"(0/chat,{"token":"a secret"})");
  EXPECT_THAT(without_id(log.take(), socket),
              ElementsAre("socket_asks nsp=/chat socket=ID worker=0",
                          "middleware_verdict nsp=/chat socket=ID middleware=0 verdict=admitted message=\"\" worker=0",
                          "user_joined nsp=/chat socket=ID user=ada worker=0",
                          "socket_connected nsp=/chat socket=ID worker=0"));
  client.say(R"(2/chat,7["add",1,2])");
  EXPECT_THAT(without_id(log.take(), socket),
              ElementsAre("packet_in nsp=/chat socket=ID event=add bytes=3 attachments=0 ack=7 worker=0",
                          "room_joined nsp=/chat socket=ID room=sums worker=0",
                          "packet_out nsp=/chat socket=ID event=adding bytes=29 attachments=1 ack=none worker=0",
                          "packet_out nsp=/chat socket=ID event=\"\" bytes=1 attachments=0 ack=7 worker=0"));
  chat.to("sums").emit("news", "x");
  EXPECT_THAT(log.take(),
              ElementsAre("broadcast_out nsp=/chat event=news bytes=19 attachments=0 receivers=1 worker=0"));
  client.say(R"(2/chat,["add","not a number"])");
  EXPECT_THAT(without_id(log.take(), socket),
              ElementsAre("packet_in nsp=/chat socket=ID event=add bytes=14 attachments=0 ack=none worker=0",
                          "event_mistyped nsp=/chat socket=ID event=add bytes=14 attachments=0 ack=none worker=0"));
  auto const id = std::string(socket.id());
  client.say("1/chat,");
  auto lines = log.take();
  for (auto& line : lines) line.replace(line.find(id), id.size(), "ID");
  EXPECT_THAT(lines, ElementsAre("socket_ended nsp=/chat socket=ID reason=\"client namespace disconnect\" worker=0",
                                 "room_left nsp=/chat socket=ID room=sums worker=0",
                                 "user_left nsp=/chat socket=ID user=ada worker=0"));
}

TEST(DebugLines, tell_why_a_client_was_refused_and_not_with_what_it_came) {
  LogLines log("*");
  HubWorld world;
  world.of("/").use([](Handshake const&) { return refuse("token has expired", "{\"at\":1}"); });
  ClientWorld client(world);
  client.say(R"(0{"token":"a secret"})");
  auto const lines = log.take();
  EXPECT_THAT(lines, Contains(HasSubstr("verdict=refused message=\"token has expired\"")));
  EXPECT_THAT(lines, Each(Not(HasSubstr("a secret"))));
}

TEST(DebugLines, are_of_a_bounded_length_whatever_a_peer_sends) {
  LogLines log("*");
  HubWorld world;
  world.of("/").on_connection([](Socket const& s) { s.join(std::string(100'000, 'r')); });
  ClientWorld client(world);
  client.say("0");
  client.say("2[\"" + std::string(100'000, 'e') + "\\n\"]");
  world.of("/").emit(std::string(100'000, 'b'));
  auto const lines = log.take();
  EXPECT_GE(lines.size(), 6U);
  for (auto const& line : lines) EXPECT_LE(line.size(), 300U) << line;
}

TEST(DebugLines, begin_and_end_while_clients_are_there) {
  LogLines log("");
  HubWorld world;
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  EXPECT_THAT(log.take(), IsEmpty());
  set_debug_areas("/");
  client.say(R"(2["x"])");
  EXPECT_EQ(log.take().size(), 1U);
  set_debug_areas("/other");
  client.say(R"(2["x"])");
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST(DebugLines, tell_what_becomes_of_a_session_that_may_come_back) {
  LogLines log("/");
  HubWorld world({}, RecoverySettings());
  std::string greeting;
  {
    ClientWorld client(world);
    greeting = client.say("0").front();
    client.engine.hang_up(9);
  }
  auto const pid = greeting.substr(greeting.find("\"pid\":"));
  EXPECT_THAT(log.take(), Contains(HasSubstr("session_kept nsp=/ socket=")));
  ClientWorld again(world);
  again.say("0{" + pid.substr(0, pid.size() - 1) + ",\"offset\":\"AAAAAAAAA\"}");
  world.deliver_letters();
  auto const lines = log.take();
  EXPECT_THAT(lines, Contains(HasSubstr("socket_recovered")));
  auto const secret = pid.substr(27, pid.size() - 29);  // behind `"pid":"` and the socket's id, which may be shown
  EXPECT_GE(secret.size(), 20U);
  EXPECT_THAT(lines, Each(Not(HasSubstr(secret)))) << "whoever knows it is the client";
}

}  // namespace
}  // namespace chorus::socket
