// RedisLink against a Redis that fails at every step once, in every way.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "cluster/link_world.hpp"
#include "support/broken_redis.hpp"

namespace chorus::cluster::redis {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using chorus::testing::BrokenRedis;
using chorus::testing::Mischief;

/// Two connections are accepted; each has AUTH, SELECT and PING; the subscriber also SUBSCRIBE and PSUBSCRIBE.
constexpr int steps = 2 + 2 * 3 + 2;

RedisOptions options_for(BrokenRedis const& redis) {
  auto options = quick_options("unix://:s3cret@" + redis.socket_path() + "?db=1");
  options.back_off = {.first = 1ms, .longest = 2ms};
  options.connect_timeout = 2s;
  return options;
}

/// Lets each of `ways` happen at each step of the set-up, one after another; then all goes well.
class EveryStepOnce {
 public:
  explicit EveryStepOnce(std::vector<Mischief> ways) : ways_(std::move(ways)) {}

  Mischief const* operator()(int step) {
    auto const way = static_cast<std::size_t>(done_) / steps;
    if (way == ways_.size() || step != done_ % steps) return nullptr;
    ++done_;
    return &ways_[way];
  }
  int all() const { return steps * static_cast<int>(ways_.size()); }
  int done() const { return done_; }

 private:
  std::vector<Mischief> const ways_;
  std::atomic<int> done_{0};
};

/// Fails everywhere and then comes up, with nothing told in between and nothing lost.
void expect_to_come_up_in_the_end(EveryStepOnce& failures, void (*change)(RedisOptions&)) {
  LogLines log;
  BrokenRedis redis([&](int step, std::string const&) { return failures(step); });
  auto options = options_for(redis);
  change(options);
  World world(options);
  world.link.subscribe("a");
  world.link.psubscribe("p*");
  for (int i = 0; i < 10; ++i) world.link.publish("a", "spooled");
  world.start_and_wait_until_up();
  EXPECT_EQ(failures.done(), failures.all());
  world.wait_until_settled();
  auto const stats = world.link.stats();
  EXPECT_EQ(stats.ledger.spooled_sent, 10u);
  EXPECT_EQ(stats.failed_tries, static_cast<std::uint64_t>(failures.all()));
  EXPECT_EQ(stats.times_up, 1u);
  EXPECT_EQ(world.notes.look([](Notes const& n) { return n.states; }), (std::vector<std::string>{"up"}));
  EXPECT_LE(log.all().size(), 3u) << "down, refused, up";
}

void change_nothing(RedisOptions&) {}

TEST(BrokenRedis, may_hang_up_at_every_step) {
  EveryStepOnce failures({{.bytes = "", .hang_up = true},
                          {.bytes = "+O", .hang_up = true},
                          {.bytes = "*3\r\n$9\r\nsubscr", .hang_up = true}});
  expect_to_come_up_in_the_end(failures, change_nothing);
}

TEST(BrokenRedis, may_say_what_is_no_protocol_at_every_step) {
  EveryStepOnce failures({{.bytes = "HTTP/1.1 400 Bad Request\r\n\r\n"},
                          {.bytes = "$-5\r\n"},
                          {.bytes = "*2000000000\r\n"},
                          {.bytes = "\0\xff"s},
                          {.bytes = "$99999999999\r\n"}});
  expect_to_come_up_in_the_end(failures, change_nothing);
}

TEST(BrokenRedis, may_say_what_was_not_asked_at_every_step) {
  EveryStepOnce failures({{.bytes = ":1\r\n"},
                          {.bytes = "*0\r\n"},
                          {.bytes = "*3\r\n$9\r\nsubscribe\r\n$5\r\nother\r\n:1\r\n"},
                          {.bytes = "*1\r\n*1\r\n$7\r\nmessage\r\n"},
                          {.bytes = "-LOADING Redis is loading the dataset in memory\r\n"},
                          {.bytes = "-NOPERM this user has no permissions\r\n"}});
  expect_to_come_up_in_the_end(failures, change_nothing);
}

TEST(BrokenRedis, may_fall_silent_at_every_step) {
  // Nothing is said at all, or half of it.
  EveryStepOnce failures({{.bytes = ""}, {.bytes = "+O"}});
  expect_to_come_up_in_the_end(failures, [](RedisOptions& options) { options.connect_timeout = 100ms; });
}

TEST(BrokenRedis, may_do_all_that_behind_the_right_answer) {
  EveryStepOnce failures({{.bytes = "", .hang_up = true, .before = true},
                          {.bytes = "$99999999999\r\n", .before = true},
                          {.bytes = ":1\r\n", .hang_up = true, .before = true}});
  BrokenRedis redis([&](int step, std::string const&) { return failures(step); });
  World world(options_for(redis));
  world.link.subscribe("a");
  world.link.psubscribe("p*");
  world.link.start();
  // Behind the last step the link is up, if only for a moment.
  world.wait_for_stats([&](RedisStats const& s) { return s.up && failures.done() == failures.all(); }, "the link");
  auto const stats = world.link.stats();
  EXPECT_EQ(stats.failed_tries + stats.times_up - 1, static_cast<std::uint64_t>(failures.all()));
  EXPECT_EQ(world.notes.look([](Notes const& n) { return n.ups - n.downs; }), 1);
}

TEST(BrokenRedis, may_break_after_the_link_came_up_in_every_way) {
  // While up, a publish or a PING meets the mischief; PUBLISH on the publisher, PING on both.
  static std::vector<Mischief> const ways{{.bytes = "", .hang_up = true},
                                          {.bytes = ":", .hang_up = true},
                                          {.bytes = "?\r\n"},
                                          {.bytes = ":0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n"},
                                          {.bytes = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n", .hang_up = true},
                                          {.bytes = "*4\r\n+x\r\n+y\r\n+z\r\n+w\r\n"},
                                          {.bytes = ""}};
  for (std::string const trigger : {"PUBLISH", "PING"}) {
    std::atomic<std::size_t> way{0};
    BrokenRedis redis([&](int step, std::string const& word) -> Mischief const* {
      if (step < steps || word != trigger || way == ways.size()) return nullptr;
      return &ways[way++];
    });
    auto options = options_for(redis);
    options.ping_interval = 20ms;
    options.silence_max = 200ms;
    options.tick = 20ms;
    World world(options);
    world.link.subscribe("a");
    world.link.psubscribe("p*");
    world.start_and_wait_until_up();
    int const downs = static_cast<int>(ways.size());
    for (int up = 1; up <= downs; ++up) {
      world.link.publish("a", "1");
      world.notes.wait_until([&](Notes const& n) { return n.downs >= up; }, "the link to go down");
      world.link.publish("a", "2");
      world.notes.wait_until([&](Notes const& n) { return n.ups > up; }, "the link to come up again");
    }
    world.wait_until_settled();
    world.link.stop(5s);
    auto const ledger = world.link.stats().ledger;
    EXPECT_EQ(ledger.published, 2u * ways.size());
    EXPECT_EQ(ledger.dropped, 0u);
    EXPECT_TRUE(world.notes.messages.empty()) << "half a message is none";
    expect_settled(ledger);
  }
}

}  // namespace
}  // namespace chorus::cluster::redis
