#include "cluster/redis/inflow.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace chorus::cluster::redis {
namespace {

constexpr InflowLimits limits{.bytes_max = 16'000, .message_cost = 100};

TEST(Inflow, asks_for_a_mark_each_sixteenth_of_its_limit) {
  Inflow inflow(limits);
  inflow.received(400);
  EXPECT_EQ(inflow.take_mark(), std::nullopt);
  inflow.received(500);
  EXPECT_EQ(inflow.take_mark(), 1'100u);
  EXPECT_EQ(inflow.take_mark(), std::nullopt) << "the next one stands for what comes from here on";
}

TEST(Inflow, is_full_beyond_its_limit_and_no_more_when_half_of_it_was_read) {
  Inflow inflow(limits);
  std::deque<std::size_t> marks;
  std::size_t under_way = 0;
  while (!inflow.full()) {
    inflow.received(0);
    under_way += 100;
    if (auto const mark = inflow.take_mark()) marks.push_back(*mark);
  }
  EXPECT_EQ(under_way, 16'100u);
  while (inflow.full()) {
    ASSERT_GT(under_way, 8'000u);
    ASSERT_FALSE(marks.empty());
    inflow.read(marks.front());
    under_way -= marks.front();
    marks.pop_front();
  }
  EXPECT_LE(under_way, 8'000u);
  EXPECT_GT(under_way, 7'000u);
}

TEST(Inflow, takes_messages_of_no_size_for_something) {
  Inflow inflow(limits);
  for (int i = 0; i < 160; ++i) inflow.received(0);
  EXPECT_FALSE(inflow.full());
  inflow.received(0);
  EXPECT_TRUE(inflow.full());
}

}  // namespace
}  // namespace chorus::cluster::redis
