#include "net/answer_clock.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace chorus::net {
namespace {

using namespace std::chrono_literals;
using Look = AnswerClock::Look;

constexpr ConnectionId one{0, 1}, other{700, 1};

class AnswerClockTest : public testing::Test {
 protected:
  static TimePoint at(Duration time) { return TimePoint(1h) + time; }
  enum class Reply { none, answer };
  void handle(ConnectionId connection, Reply reply = Reply::answer) {
    clock.handling({&connection, 1});
    if (reply == Reply::answer) clock.written(connection);
    clock.handled({&connection, 1});
  }

  std::vector<Duration> answers;
  AnswerClock clock{[this](Duration time) { answers.push_back(time); }};
};

TEST_F(AnswerClockTest, counts_from_the_look_before_the_one_that_saw_it) {
  clock.looked(Look::awake, at(0ms));
  clock.looked(Look::awake, at(3ms));
  clock.readable(one);
  handle(one);
  clock.all_sent(one, at(5ms));
  EXPECT_EQ(answers, std::vector<Duration>{5ms});
}

TEST_F(AnswerClockTest, counts_from_before_a_look_that_may_have_left_it_out) {
  clock.looked(Look::awake, at(0ms));
  clock.looked(Look::full, at(3ms));
  clock.looked(Look::full, at(4ms));
  clock.looked(Look::awake, at(6ms));
  clock.readable(one);
  handle(one);
  clock.all_sent(one, at(7ms));
  clock.looked(Look::awake, at(8ms));
  clock.readable(other);
  handle(other);
  clock.all_sent(other, at(9ms));
  EXPECT_EQ(answers, (std::vector<Duration>{7ms, 3ms}));
}

TEST_F(AnswerClockTest, counts_from_the_wake_up_of_a_worker_that_slept) {
  clock.looked(Look::awake, at(0ms));
  clock.looked(Look::slept, at(300ms));
  clock.readable(one);
  handle(one);
  clock.all_sent(one, at(301ms));
  EXPECT_EQ(answers, std::vector<Duration>{1ms});
}

TEST_F(AnswerClockTest, counts_for_each_connection_on_its_own) {
  clock.looked(Look::slept, at(0ms));
  clock.readable(one);
  handle(one);
  clock.looked(Look::awake, at(4ms));
  clock.readable(other);
  handle(other);
  clock.all_sent(other, at(5ms));
  clock.all_sent(one, at(9ms));
  EXPECT_EQ(answers, (std::vector<Duration>{5ms, 9ms}));
}

TEST_F(AnswerClockTest, goes_on_while_what_was_said_is_not_read_and_while_the_answer_is_not_sent) {
  clock.looked(Look::slept, at(0ms));
  clock.readable(one);
  clock.looked(Look::awake, at(2ms));
  clock.readable(one);  // said more, and has not been read
  handle(one);
  clock.looked(Look::awake, at(4ms));
  clock.readable(one);  // said more, and has not been answered
  handle(one, Reply::none);
  clock.all_sent(one, at(7ms));
  EXPECT_EQ(answers, std::vector<Duration>{7ms});
}

TEST_F(AnswerClockTest, counts_an_answer_once) {
  clock.looked(Look::slept, at(0ms));
  clock.readable(one);
  handle(one);
  clock.all_sent(one, at(1ms));
  clock.all_sent(one, at(90ms));  // something else that was sent to it
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(AnswerClockTest, forgets_what_needs_no_answer) {
  clock.looked(Look::slept, at(0ms));
  clock.readable(one);
  handle(one, Reply::none);
  clock.all_sent(one, at(90ms));
  EXPECT_TRUE(answers.empty());
}

TEST_F(AnswerClockTest, does_not_count_what_is_told_to_one_who_said_nothing) {
  clock.looked(Look::slept, at(0ms));
  handle(one);  // bytes that came with the connection
  clock.all_sent(one, at(1ms));
  EXPECT_TRUE(answers.empty());
}

TEST_F(AnswerClockTest, does_not_count_what_is_told_before_or_after_the_handling) {
  clock.looked(Look::slept, at(0ms));
  clock.readable(one);
  clock.written(one);
  clock.all_sent(one, at(1ms));
  handle(one, Reply::none);
  clock.written(one);
  clock.all_sent(one, at(2ms));
  EXPECT_TRUE(answers.empty());
}

TEST_F(AnswerClockTest, knows_a_connection_from_its_successor_in_the_same_place) {
  clock.looked(Look::slept, at(0ms));
  clock.readable(one);
  handle(one);
  clock.all_sent({one.index, one.generation + 1}, at(1ms));
  EXPECT_TRUE(answers.empty());
}

}  // namespace
}  // namespace chorus::net
