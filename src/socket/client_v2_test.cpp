// Clients of Socket.IO 2: protocol 4 over Engine.IO's revision 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "socket/client.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::ClientWorld;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr engine::Dialect dialect_of_2{engine::Revision::v3};

class ClientOfSocketIo2 : public ::testing::Test {
 protected:
  HubWorld world;
};

TEST_F(ClientOfSocketIo2, is_in_the_default_namespace_without_asking_and_known_by_its_session) {
  std::vector<std::string> story;
  world.of("/").on_connection([&](Socket const& s) { story.emplace_back(s.id()); });
  world.of("/admin").on_connection([&](Socket const& s) { story.emplace_back(s.id()); });
  ClientWorld client(world, dialect_of_2);
  EXPECT_THAT(client.heard(), ElementsAre("0"));
  EXPECT_THAT(client.say("0/admin,"), ElementsAre("0/admin,"));
  EXPECT_THAT(story, ElementsAre("the-sid", "/admin#the-sid"));
}

TEST_F(ClientOfSocketIo2, V22_gives_the_query_of_a_namespace_for_auth) {
  std::string auth;
  world.of("/admin").on_connection([&](Socket const& s) {
    auth = s.handshake().auth_json();
    EXPECT_EQ(s.protocol(), 3U);
  });
  ClientWorld client(world, dialect_of_2);
  EXPECT_THAT(client.say(R"(0/admin?token=a%20"b"+c&x=%D1%8F&n=1,)"), ElementsAre("0/admin,"));
  EXPECT_EQ(auth, R"({"token":"a \"b\" c","x":"я","n":"1"})");
  client.say("1/admin,");
  client.say("0/admin");
  EXPECT_EQ(auth, "{}");
}

TEST_F(ClientOfSocketIo2, hears_a_refusal_as_a_plain_text_or_its_data) {
  world.of("/no").use([](Handshake const&) { return refuse("not \"here\""); });
  world.of("/data").use([](Handshake const&) { return refuse("unused", std::map<std::string, int>{{"code", 401}}); });
  ClientWorld client(world, dialect_of_2);
  client.heard();
  EXPECT_THAT(client.say("0/no,"), ElementsAre(R"(4/no,"not \"here\"")"));
  EXPECT_THAT(client.say("0/data,"), ElementsAre(R"(4/data,{"code":401})"));
  EXPECT_THAT(client.say("0/none?x=1,"), ElementsAre(R"(4/none,{"message":"Invalid namespace"})"));
}

TEST_F(ClientOfSocketIo2, that_the_default_namespace_refuses_may_join_another) {
  world.of("/").use([](Handshake const& hs) { return hs.auth_json() == "{}" ? refuse("no") : admit(); });
  world.of("/admin");
  ClientWorld client(world, dialect_of_2);
  EXPECT_THAT(client.heard(), ElementsAre(R"(4"no")"));
  EXPECT_THAT(client.say("0/admin,"), ElementsAre("0/admin,"));
  EXPECT_THAT(client.say("2[\"x\"]"), ::testing::Contains("close"));
}

TEST_F(ClientOfSocketIo2, that_the_default_namespace_refuses_is_closed_when_it_joins_no_other) {
  world.of("/").use([](Handshake const&) { return refuse("no"); });
  ClientWorld client(world, dialect_of_2);
  world.timers.advance(world.hub.settings().connect_timeout + 1s);
  EXPECT_EQ(client.engine.closes(), 1);
}

TEST_F(ClientOfSocketIo2, breaks_the_protocol_by_what_any_client_does) {
  for (std::string const packet : {"0", "2/none,[\"x\"]", "9", "2[\"disconnect\"]"}) {
    ClientWorld client(world, dialect_of_2);
    EXPECT_THAT(client.say(packet), ::testing::Contains("close")) << packet;
    EXPECT_EQ(client.engine.closes(), 1) << packet;
  }
}

TEST_F(ClientOfSocketIo2, speaks_of_events_answers_and_binary_as_later_ones_do) {
  auto nsp = world.of("/");
  nsp.on("sum", [](Socket const&, int a, int b, Ack ack) { ack(a + b); });
  nsp.on("bin", [](Socket const& s, Binary data) { s.emit("bin", data); });
  nsp.on("ask", [](Socket const& s) { s.ask("q", 1s, [s](Answer const& answer) { s.emit("told", answer.args[0]); }); });
  ClientWorld client(world, dialect_of_2);
  client.heard();
  EXPECT_THAT(client.say(R"(27["sum",1,2])"), ElementsAre("37[3]"));
  EXPECT_THAT(client.say(R"(2["ask"])"), ElementsAre(R"(20["q"])"));
  EXPECT_THAT(client.say("30[5]"), ElementsAre(R"(2["told",5])"));
  client.say(R"(51-["bin",{"_placeholder":true,"num":0}])");
  EXPECT_THAT(client.say_binary("\x04"
                                "abc"),
              ElementsAre(R"(51-["bin",{"_placeholder":true,"num":0}])",
                          "binary \x04"
                          "abc"));
}

TEST_F(ClientOfSocketIo2, gets_broadcasts_in_its_own_frames_beside_later_clients) {
  auto nsp = world.of("/");
  nsp.on_connection([](Socket const& s) { s.join("all"); });
  nsp.on("all", [nsp](Socket const&, Binary data) { nsp.to("all").emit("all", data); });
  ClientWorld of_2(world, dialect_of_2), of_4(world);
  of_2.heard();
  of_4.say("0");
  of_4.say(R"(51-["all",{"_placeholder":true,"num":0}])");
  EXPECT_THAT(of_4.say_binary("abc"), ElementsAre(R"(51-["all",{"_placeholder":true,"num":0}])", "binary abc"));
  EXPECT_THAT(of_2.heard(), ElementsAre(R"(51-["all",{"_placeholder":true,"num":0}])",
                                        "binary \x04"
                                        "abc"));
}

TEST_F(ClientOfSocketIo2, is_in_a_room_of_its_id_which_it_neither_joins_nor_leaves) {
  auto nsp = world.of("/");
  std::vector<std::string> rooms;
  nsp.on("try", [&](Socket const& s) {
    s.join(s.id());
    s.leave(s.id());
    s.join("b");
    rooms = s.rooms();
  });
  ClientWorld client(world, dialect_of_2);
  client.heard();
  client.say(R"(2["try"])");
  EXPECT_THAT(rooms, ElementsAre("b", "the-sid"));
  EXPECT_TRUE(world.board->interest.contains({"/", "rthe-sid"})) << "other workers look there";
  for (auto const& audience : {nsp.to("the-sid"), nsp.to("the-sid").to("b")}) {
    audience.emit("you");
    EXPECT_THAT(client.heard(), ElementsAre(R"(2["you"])"));
  }
  nsp.except("the-sid").emit("you");
  EXPECT_THAT(client.heard(), IsEmpty());
  client.engine.hang_up(9);
  EXPECT_TRUE(world.board->interest.empty());
}

TEST_F(ClientOfSocketIo2, leaves_and_is_shown_out_as_any) {
  auto nsp = world.of("/");
  nsp.on("out", [](Socket const& s) { s.disconnect(); });
  nsp.on("end", [](Socket const& s) { s.disconnect(true); });
  ClientWorld client(world, dialect_of_2);
  client.heard();
  EXPECT_THAT(client.say(R"(2["out"])"), ElementsAre("1"));
  client.engine.hang_up(9);
  ClientWorld other(world, dialect_of_2);
  other.heard();
  EXPECT_THAT(other.say(R"(2["end"])"), ElementsAre("1", "close", "closed forced close"));
}

}  // namespace
}  // namespace chorus::socket
