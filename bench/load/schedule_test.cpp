#include "load/schedule.hpp"

#include <gtest/gtest.h>

namespace load {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point begin{1h};

TEST(Schedule, has_the_first_message_due_at_the_beginning_and_none_before) {
  Schedule const schedule(10'000, 1000, begin);
  EXPECT_EQ(schedule.due_by(begin - 1ns), 0u);
  EXPECT_EQ(schedule.due_by(begin), 1u);
  EXPECT_EQ(schedule.due_by(begin + 100us - 1ns), 1u);
  EXPECT_EQ(schedule.due_by(begin + 100us), 2u);
}

TEST(Schedule, gives_each_stream_its_turn) {
  Schedule const schedule(10'000, 1000, begin);
  EXPECT_EQ(schedule.time_of(0, 0), begin);
  EXPECT_EQ(schedule.time_of(999, 0), begin + 99'900us);
  EXPECT_EQ(schedule.time_of(0, 1), begin + 100ms);
  EXPECT_EQ(schedule.time_of(7, 3), begin + 300'700us);
}

TEST(Schedule, keeps_its_rate_over_an_hour_though_a_message_takes_no_whole_number_of_nanoseconds) {
  Schedule const schedule(3, 1, begin);
  EXPECT_EQ(schedule.time_of(3), begin + 1s);
  EXPECT_EQ(schedule.time_of(3 * 3600), begin + 1h);
  EXPECT_EQ(schedule.due_by(begin + 1h), 3u * 3600 + 1);
}

TEST(Schedule, tells_what_was_due_while_nobody_asked) {
  Schedule const schedule(0.5, 1, begin);
  EXPECT_EQ(schedule.due_by(begin + 9s), 5u);
}

TEST(Schedule, agrees_with_itself_on_what_is_due_when) {
  Schedule const schedule(7'777.7, 13, begin);
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    ASSERT_EQ(schedule.due_by(schedule.time_of(n)), n + 1);
    ASSERT_EQ(schedule.due_by(schedule.time_of(n) - 1ns), n);
  }
}

}  // namespace
}  // namespace load
