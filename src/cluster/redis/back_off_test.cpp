#include "cluster/redis/back_off.hpp"

#include <gtest/gtest.h>

namespace chorus::cluster::redis {
namespace {

using namespace std::chrono_literals;

TEST(BackOff, doubles_up_to_the_longest_and_begins_anew_after_a_reset) {
  BackOff back_off({.first = 50ms, .longest = 150ms});
  EXPECT_EQ(back_off.next(50), 50ms);
  EXPECT_EQ(back_off.next(100), 100ms);
  EXPECT_EQ(back_off.next(150), 150ms);
  EXPECT_EQ(back_off.next(150), 150ms);
  back_off.reset();
  EXPECT_EQ(back_off.next(50), 50ms);
}

TEST(BackOff, may_be_anything_from_nothing_to_the_most) {
  for (std::uint64_t random = 0; random < 100; ++random) {
    BackOff back_off({.first = 50ms, .longest = 150ms});
    auto const wait = back_off.next(random);
    EXPECT_GE(wait, 0ms);
    EXPECT_LE(wait, 50ms);
  }
  EXPECT_EQ(BackOff().next(51), 0ms);
  EXPECT_EQ(BackOff().next(50), 50ms);
}

TEST(BackOff, waits_long_for_what_will_not_change_soon) {
  BackOff const back_off({.first = 50ms, .longest = 1000ms});
  EXPECT_EQ(back_off.longest(0), 1000ms);
  EXPECT_EQ(back_off.longest(500), 500ms);
  EXPECT_EQ(back_off.longest(501), 1000ms);
}

}  // namespace
}  // namespace chorus::cluster::redis
