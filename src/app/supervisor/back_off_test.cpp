#include "app/supervisor/back_off.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

using namespace std::chrono_literals;

TEST(BackOff, starts_at_once_what_lived_long) {
  BackOff back_off;
  EXPECT_EQ(back_off.next(11s), 0ms);
  EXPECT_EQ(back_off.next(24h), 0ms);
}

TEST(BackOff, doubles_the_delay_of_a_crash_loop_up_to_a_limit) {
  BackOff back_off;
  for (auto const expected : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10'000ms, 10'000ms})
    EXPECT_EQ(back_off.next(1ms), expected);
}

TEST(BackOff, begins_anew_after_a_long_life) {
  BackOff back_off;
  EXPECT_EQ(back_off.next(10s), 100ms);
  EXPECT_EQ(back_off.next(5s), 200ms);
  EXPECT_EQ(back_off.next(11s), 0ms);
  EXPECT_EQ(back_off.next(5s), 100ms);
}

}  // namespace
}  // namespace chorus::app
