// How often a broadcast is made, and how far a parent's goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using ::testing::AllOf;
using testing::ClientWorld;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::HubWorld;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;

TEST(Broadcast, MM20_AD6_ES123_is_one_block_of_frames_for_all_its_receivers) {
  HubWorld world;
  auto nsp = world.of("/");
  ClientWorld first(world), second(world);
  for (auto* client : {&first, &second}) client->say("0");
  nsp.emit("x", Binary("bytes"));
  ASSERT_EQ(first.engine.shared.size(), 1u);
  EXPECT_EQ(*first.engine.shared[0]->frames(),
            "\x81\x27"
            R"(451-["x",{"_placeholder":true,"num":0}])"
            "\x82\x05"
            "bytes");
  EXPECT_EQ(first.engine.shared, second.engine.shared) << "the same object, not an equal one";
}

TEST(Broadcast, NS30_NS31_of_a_parent_reaches_all_children_and_a_room_in_each_of_them) {
  HubWorld world;
  world.registry->ensure_pattern("~dyn", [](std::string_view name) { return name.starts_with("/dyn-"); });
  Namespace parent(world.registry, "~dyn");
  std::string connected;
  parent.on_connection([&](Socket const& socket) { connected += socket.nsp(); });
  parent.on("join", [](Socket const& socket, std::string room) { socket.join(room); });
  ClientWorld one(world), two(world), three(world);
  one.say("0/dyn-1,");
  two.say("0/dyn-2,");
  three.say("0/dyn-2,");
  EXPECT_EQ(connected, "/dyn-1/dyn-2/dyn-2");
  one.say(R"(2/dyn-1,["join","room"])");
  two.say(R"(2/dyn-2,["join","room"])");
  parent.emit("all");
  parent.to("room").emit("some");
  EXPECT_THAT(one.heard(), ElementsAre(R"(2/dyn-1,["all"])", R"(2/dyn-1,["some"])"));
  EXPECT_THAT(two.heard(), ElementsAre(R"(2/dyn-2,["all"])", R"(2/dyn-2,["some"])"));
  EXPECT_THAT(three.heard(), ElementsAre(R"(2/dyn-2,["all"])"));
}

TEST(Broadcast, a_question_of_a_parent_is_put_to_the_members_of_all_children) {
  HubWorld world;
  world.registry->ensure_pattern("~dyn", [](std::string_view name) { return name.starts_with("/dyn-"); });
  Namespace parent(world.registry, "~dyn");
  parent.on("join", [](Socket const& socket) { socket.join({"one", "two"}); });
  ClientWorld one(world), two(world), outside(world);
  one.say("0/dyn-1,");
  two.say("0/dyn-2,");
  outside.say("0/dyn-2,");
  one.say(R"(2/dyn-1,["join"])");
  two.say(R"(2/dyn-2,["join"])");
  one.heard();
  two.heard();
  outside.heard();
  std::vector<std::string> gathered;
  parent.to({"one", "two"})
      .timeout(1s)
      .ask(
          "q",
          [&](Answers const& all) {
            EXPECT_TRUE(all.complete);
            for (auto const& answer : all.answers) gathered.push_back(answer.text);
          },
          7);
  auto const question_of = [](ClientWorld& client, std::string const& prefix) {
    auto const heard = client.heard();
    std::string const end = R"(["q",7])";
    EXPECT_THAT(heard, ElementsAre(AllOf(StartsWith(prefix), EndsWith(end))));
    return heard.front().substr(prefix.size(), heard.front().size() - prefix.size() - end.size());
  };
  one.say("3/dyn-1," + question_of(one, "2/dyn-1,") + "[1]");
  EXPECT_THAT(gathered, IsEmpty());
  two.say("3/dyn-2," + question_of(two, "2/dyn-2,") + "[2]");
  EXPECT_THAT(gathered, ElementsAre("1", "2"));
  EXPECT_THAT(outside.heard(), IsEmpty());
}

}  // namespace
}  // namespace chorus::socket
