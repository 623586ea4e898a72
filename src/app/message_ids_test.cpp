#include "app/message_ids.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

using namespace std::chrono_literals;
using Clock = MessageIds::Clock;

Clock::time_point moment(std::chrono::milliseconds since_epoch) { return Clock::time_point(since_epoch); }

TEST(MessageIds, are_time_number_and_process) {
  MessageIds ids("Zk3_9a");
  EXPECT_EQ(ids.next(moment(0x193a5c1e2f0ms)).id, "0193a5c1e2f00000Zk3_9a");
  EXPECT_EQ(ids.next(moment(0x193a5c1e2f0ms)).id, "0193a5c1e2f00001Zk3_9a");
  EXPECT_EQ(ids.next(moment(0x193a5c1e2f1ms)).id, "0193a5c1e2f10000Zk3_9a");
  EXPECT_EQ(MessageIds().next(moment(1ms)).id.size(), MessageIds::size);
}

TEST(MessageIds, sort_in_the_order_of_their_making_though_the_clock_steps_back) {
  MessageIds ids("Zk3_9a");
  auto const first = ids.next(moment(5000ms));
  auto const second = ids.next(moment(1000ms));
  EXPECT_LT(first.id, second.id);
  EXPECT_EQ(second.time, first.time);
  EXPECT_EQ(ids.next(moment(5001ms)).time, moment(5001ms));
}

TEST(MessageIds, borrow_from_the_next_millisecond_when_one_is_used_up) {
  MessageIds ids("Zk3_9a");
  std::string last = ids.next(moment(7ms)).id;
  for (int i = 0; i < 70'000; ++i) {
    auto next = ids.next(moment(7ms)).id;
    ASSERT_LT(last, next);
    ASSERT_EQ(next.size(), MessageIds::size);
    last = std::move(next);
  }
  EXPECT_EQ(last.substr(0, 12), "000000000008");
}

TEST(MessageIds, of_two_processes_differ_in_the_same_millisecond) {
  MessageIds one, other;
  EXPECT_NE(one.next(moment(7ms)).id, other.next(moment(7ms)).id);
}

TEST(MessageIds, bear_a_clock_before_1970) {
  MessageIds ids("Zk3_9a");
  EXPECT_EQ(ids.next(moment(-5ms)).id, "0000000000000001Zk3_9a");
}

}  // namespace
}  // namespace chorus::app
