#include "cluster/directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace chorus::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// A bus of directories without time: what one announces, all hear, when the script says so.
class World {
 public:
  struct Member final : DirectoryOutlet {
    Member(World& w, std::string n, DirectoryLimits limits) : world(w), name(n), directory(n, *this, limits) {}
    void announce(std::string message) override { world.on_the_way.push_back(std::move(message)); }
    void remote_came(std::string const& nsp, UserId const& user, Device device) override {
      EXPECT_TRUE(online.insert(nsp + user.value + ":" + device.socket_id + "@" + device.node).second);
      log.push_back("+" + device.socket_id);
      last_info = device.info_json;
    }
    void remote_went(std::string const&, UserId const&, std::string const& socket_id) override {
      EXPECT_EQ(
          std::erase_if(online, [&](auto const& o) { return o.find(":" + socket_id + "@") != std::string::npos; }), 1u);
      log.push_back("-" + socket_id);
    }
    void node_found(std::string const& node) override { log.push_back("found " + node); }
    void node_lost(std::string const& node) override { log.push_back("lost " + node); }

    World& world;
    std::string name;
    Directory directory;
    std::set<std::string> online;
    std::vector<std::string> log;
    std::string last_info;
  };

  Member& add(std::string name, DirectoryLimits limits = {}) {
    members.push_back(std::make_unique<Member>(*this, std::move(name), limits));
    members.back()->directory.on_up();
    return *members.back();
  }
  /// Everything that was announced reaches everybody but `deaf`, and what is said because of it too.
  void settle(Member const* deaf = nullptr) {
    while (!on_the_way.empty()) {
      auto const message = std::move(on_the_way.front());
      on_the_way.erase(on_the_way.begin());
      for (auto const& member : members)
        if (member.get() != deaf) {
          EXPECT_TRUE(member->directory.on_message(message)) << message;
        }
    }
  }
  void pass(Duration time, Member const* deaf = nullptr) {
    for (auto const end = now + time; now < end;) {
      now += 500ms;
      for (auto const& member : members) member->directory.on_tick(now);
      settle(deaf);
    }
  }
  void kill(Member& member) {
    std::erase_if(members, [&](auto const& each) { return each.get() == &member; });
  }

  std::vector<std::unique_ptr<Member>> members;
  std::vector<std::string> on_the_way;
  TimePoint now{};
};

Device device(std::string socket_id, std::string info = "null") {
  return {std::move(socket_id), 1, std::chrono::system_clock::time_point(5ms), std::move(info), ""};
}

class DirectoryTest : public testing::Test {
 protected:
  World world_;
};

TEST_F(DirectoryTest, devices_of_one_node_are_known_on_the_others_with_all_that_was_told) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  world_.settle();
  a.directory.device_came("/", UserId{"ann"}, device("s1", R"({"name":"Ann \"A\""})"));
  b.directory.device_came("/x", UserId{"bob"}, device("s2"));
  world_.settle();
  EXPECT_THAT(b.online, ElementsAre("/ann:s1@a"));
  EXPECT_EQ(b.last_info, R"({"name":"Ann \"A\""})");
  EXPECT_THAT(a.online, ElementsAre("/xbob:s2@b"));
  a.directory.device_went("/", UserId{"ann"}, "s1");
  a.directory.device_went("/", UserId{"ann"}, "unknown");
  world_.settle();
  EXPECT_THAT(b.online, IsEmpty());
}

TEST_F(DirectoryTest, who_comes_later_learns_what_the_others_have_in_as_many_parts_as_it_takes) {
  DirectoryLimits small;
  small.snapshot_devices_max = 2;
  auto& a = world_.add("a", small);
  for (int i = 0; i < 5; ++i)
    a.directory.device_came("/", UserId{"u" + std::to_string(i)}, device("s" + std::to_string(i)));
  world_.settle();
  auto& b = world_.add("b");
  world_.settle();
  EXPECT_EQ(b.online.size(), 5u);
  a.directory.device_went("/", UserId{"u3"}, "s3");
  world_.settle();
  EXPECT_EQ(b.online.size(), 4u);
}

TEST_F(DirectoryTest, a_node_that_died_without_a_word_is_gone_within_ten_seconds_and_not_after_a_few) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  world_.pass(3s);
  world_.kill(b);
  world_.pass(5s);
  EXPECT_THAT(a.online, ElementsAre("/bob:s1@b"));
  world_.pass(5s);
  EXPECT_THAT(a.online, IsEmpty());
  EXPECT_EQ(a.log.back(), "lost b");
}

TEST_F(DirectoryTest, a_bus_that_stands_still_makes_nobody_look_dead) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  world_.pass(3s);
  for (int tick = 0; tick < 60; ++tick) {  // 30 seconds of beats that arrive nowhere
    world_.now += 500ms;
    for (auto const& member : world_.members) member->directory.on_tick(world_.now);
  }
  world_.settle();
  world_.pass(20s);
  EXPECT_THAT(a.online, ElementsAre("/bob:s1@b"));
  EXPECT_THAT(a.log, ElementsAre("found b", "+s1"));
}

TEST_F(DirectoryTest, what_was_missed_is_asked_for_with_the_next_beat) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  world_.settle();
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  b.directory.device_came("/", UserId{"eve"}, device("s2"));
  world_.settle(&a);
  EXPECT_THAT(a.online, IsEmpty());
  world_.pass(3s);
  EXPECT_THAT(a.online, ElementsAre("/bob:s1@b", "/eve:s2@b"));
  b.directory.device_went("/", UserId{"bob"}, "s1");
  world_.settle(&a);
  b.directory.device_came("/", UserId{"joe"}, device("s3"));
  world_.settle();
  world_.pass(1s);
  EXPECT_THAT(a.online, ElementsAre("/eve:s2@b", "/joe:s3@b"));
}

TEST_F(DirectoryTest, a_node_that_was_thought_lost_comes_back_with_everything) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  world_.settle();
  for (int tick = 0; tick < 30; ++tick) {  // b is held up
    world_.now += 500ms;
    a.directory.on_tick(world_.now);
    world_.settle();
  }
  EXPECT_THAT(a.online, IsEmpty());
  world_.pass(3s);
  EXPECT_THAT(a.online, ElementsAre("/bob:s1@b"));
}

TEST_F(DirectoryTest, after_its_bus_was_down_a_node_is_told_and_tells_everything_again) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  world_.settle();
  a.directory.on_down();
  a.directory.device_came("/", UserId{"ann"}, device("s1"));
  world_.on_the_way.clear();  // lost
  b.directory.device_came("/", UserId{"bob"}, device("s2"));
  world_.settle(&a);
  a.directory.on_up();
  world_.pass(1s);
  EXPECT_THAT(a.online, ElementsAre("/bob:s2@b"));
  EXPECT_THAT(b.online, ElementsAre("/ann:s1@a"));
}

TEST_F(DirectoryTest, who_says_good_bye_is_gone_at_once) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  world_.settle();
  b.directory.leave();
  world_.settle();
  EXPECT_THAT(a.log, ElementsAre("found b", "+s1", "-s1", "lost b"));
}

TEST_F(DirectoryTest, a_node_that_was_seen_dying_is_gone_at_once_and_what_it_had_on_the_way_brings_nobody_back) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  world_.settle();
  b.directory.device_came("/", UserId{"eve"}, device("s2"));
  b.directory.on_up();
  a.directory.node_died("b");
  EXPECT_THAT(a.log, ElementsAre("found b", "+s1", "-s1", "lost b"));
  a.directory.node_died("b");
  world_.settle(&b);
  EXPECT_THAT(a.log, ElementsAre("found b", "+s1", "-s1", "lost b"));
  EXPECT_EQ(a.directory.nodes(), 0u);
}

TEST_F(DirectoryTest, a_death_of_a_stranger_or_of_oneself_changes_nothing) {
  auto& a = world_.add("a");
  auto& b = world_.add("b");
  world_.settle();
  a.directory.node_died("nobody");
  a.directory.node_died("a");
  b.directory.device_came("/", UserId{"bob"}, device("s1"));
  world_.pass(20s);
  EXPECT_THAT(a.log, ElementsAre("found b", "+s1"));
}

TEST_F(DirectoryTest, remembers_the_last_dead_only) {
  DirectoryLimits small;
  small.dead_nodes_max = 2;
  auto& a = world_.add("a", small);
  for (auto const* dead : {"b", "c", "d"}) a.directory.node_died(dead);
  for (auto const* name : {"b", "c", "d"})
    EXPECT_TRUE(a.directory.on_message(R"(["beat",")" + std::string(name) + R"(",0])"));
  EXPECT_THAT(a.log, ElementsAre("found b"));
}

TEST_F(DirectoryTest, many_who_ask_at_once_get_two_answers) {
  auto& a = world_.add("a");
  world_.settle();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(a.directory.on_message(R"(["want","n)" + std::to_string(i) + R"(",""])"));
  world_.now += 500ms;
  a.directory.on_tick(world_.now);
  EXPECT_EQ(std::ranges::count_if(world_.on_the_way, [](auto const& m) { return m.starts_with(R"(["all")"); }), 2);
}

TEST_F(DirectoryTest, counts_no_more_nodes_and_devices_than_its_limits) {
  DirectoryLimits small;
  small.nodes_max = 1;
  small.devices_max = 2;
  auto& a = world_.add("a", small);
  auto& b = world_.add("b");
  world_.settle();
  world_.add("c").directory.device_came("/", UserId{"c"}, device("c1"));
  for (int i = 0; i < 3; ++i) b.directory.device_came("/", UserId{"b"}, device("b" + std::to_string(i)));
  world_.settle();
  EXPECT_EQ(a.directory.nodes(), 1u);
  EXPECT_EQ(a.directory.remote_devices(), 2u);
  EXPECT_EQ(a.online.size(), 2u);
}

TEST_F(DirectoryTest, what_cannot_be_read_is_refused_and_changes_nothing) {
  auto& a = world_.add("a");
  for (char const* text :
       {"", "x", "{}", "[]", "[1,2]", R"(["beat"])", R"(["beat","b"])", R"(["beat","b",-1])", R"(["beat","","1"])",
        R"(["came","b",1,"/","u"])", R"(["came","b",1,"/","u",{}])", R"(["came","b",1,2,"u",{"socket":"s"}])",
        R"(["went","b",1,"/","u"])", R"(["all","b",0,0,0,[]])", R"(["all","b",0,1,1,[]])", R"(["all","b",0,0,1,{}])",
        R"(["all","b",0,0,1,[["/"]]])", R"(["want","b"])", "[\"beat\",\"\xff\",1]"})
    EXPECT_FALSE(a.directory.on_message(text)) << text;
  EXPECT_THAT(a.log, IsEmpty());
  EXPECT_TRUE(a.directory.on_message(R"(["sung","b",1])"));
}

}  // namespace
}  // namespace chorus::cluster
