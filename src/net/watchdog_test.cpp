#include "net/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chorus::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class WatchdogTest : public ::testing::Test {
 protected:
  void pass(Duration time) { handlers.look(now += time); }

  Running first, second;
  std::vector<std::string> told;
  SlowHandlers handlers{{&first, &second}, 100ms, [this](SlowHandler const& slow) {
                          told.push_back(std::to_string(slow.worker) + " " + slow.what + " " + slow.name + " " +
                                         std::to_string(slow.time / 1ms) + (slow.ended ? " ended" : ""));
                        }};
  TimePoint now{};
  std::string const name = "upload";
};

TEST_F(WatchdogTest, names_a_handler_while_it_runs_and_once_more_when_it_has_ended) {
  pass(0ms);
  {
    Running::Scope const scope(second, "event", &name);
    pass(50ms);
    pass(50ms);
    EXPECT_THAT(told, IsEmpty());
    pass(50ms);
    pass(50ms);
    EXPECT_THAT(told, ElementsAre("1 event upload 100"));
  }
  pass(50ms);
  pass(500ms);
  EXPECT_THAT(told, ElementsAre("1 event upload 100", "1 event upload 200 ended"));
}

TEST_F(WatchdogTest, many_quick_handlers_are_not_one_that_is_slow) {
  for (int i = 0; i < 10; ++i) {
    Running::Scope const scope(first, "event", &name);
    pass(90ms);
  }
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(WatchdogTest, of_handlers_inside_each_other_the_innermost_is_named) {
  Running::Scope const outer(first, "event", nullptr);
  pass(0ms);
  {
    Running::Scope const inner(first, "answer", &name);
    pass(1ms);
    pass(100ms);
  }
  pass(1ms);
  pass(100ms);
  EXPECT_THAT(told, ElementsAre("0 answer upload 100", "0 answer upload 101 ended", "0 event  100"));
}

TEST(WatchdogThread, looks_by_itself_and_ends_at_once) {
  Running running;
  std::mutex mutex;
  std::condition_variable changed;
  bool told = false;
  Watchdog const dog({&running}, 2ms, [&](SlowHandler const&) {
    std::lock_guard const lock(mutex);
    told = true;
    changed.notify_all();
  });
  Running::Scope const scope(running, "event", nullptr);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, 10s, [&] { return told; }));
}

}  // namespace
}  // namespace chorus::net
