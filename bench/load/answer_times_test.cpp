#include "load/answer_times.hpp"

#include <gtest/gtest.h>

#include <string>

namespace load {
namespace {

std::string const answer =
    "HTTP/1.1 200 OK\r\nContent-Length: 91\r\n\r\n"
    R"({"count":1234,"p50_us":17.5,"p90_us":88.0,"p99_us":2104.0,"p999_us":3900.1,"max_us":4000.0})";

TEST(AnswerTimes, are_read_from_what_the_server_says) {
  auto const times = read_answer_times(answer);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->count, 1234u);
  EXPECT_EQ(times->p50_us, 17.5);
  EXPECT_EQ(times->p90_us, 88);
  EXPECT_EQ(times->p99_us, 2104);
  EXPECT_EQ(times->p999_us, 3900.1);
  EXPECT_EQ(times->max_us, 4000);
}

TEST(AnswerTimes, are_not_read_from_half_of_it_nor_from_a_refusal) {
  for (std::size_t size = 0; size < answer.find("4000"); ++size)
    EXPECT_FALSE(read_answer_times(answer.substr(0, size)));
  EXPECT_FALSE(read_answer_times("HTTP/1.1 404 Not Found\r\n" + answer.substr(answer.find('\n') + 1)));
}

}  // namespace
}  // namespace load
