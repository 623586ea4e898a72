#include "cluster/redis/open_counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/redis/resp_reader.hpp"

namespace chorus::cluster::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OpenCountsTest : public ::testing::Test {
 protected:
  std::optional<std::uint64_t> begin(std::string const& name) {
    return counts.begin([this, name](ServerCount const& count) {
      told.push_back(name + " " +
                     (count ? std::to_string(count.servers) : count.error.substr(0, count.error.find(' '))));
    });
  }
  std::vector<std::string> take_told() { return std::exchange(told, {}); }

  TimePoint const start{};
  OpenCounts counts{{.time_max = 5s, .open_max = 2}};
  std::vector<std::string> told;
};

TEST_F(OpenCountsTest, are_answered_once) {
  auto const a = begin("a"), b = begin("b");
  counts.finish(*b, {3, {}});
  counts.finish(*b, {4, {}});
  counts.finish(*a, {2, {}});
  EXPECT_THAT(take_told(), ElementsAre("b 3", "a 2"));
}

TEST_F(OpenCountsTest, are_late_after_their_time_and_what_comes_then_is_too) {
  counts.on_tick(start + 1s);
  auto const a = begin("a");
  counts.on_tick(start + 4s);
  begin("b");
  counts.on_tick(start + 6s);
  EXPECT_THAT(take_told(), IsEmpty());
  counts.on_tick(start + 6500ms);
  EXPECT_THAT(take_told(), ElementsAre("a LATE"));
  counts.finish(*a, {2, {}});
  EXPECT_THAT(take_told(), IsEmpty());
  counts.on_tick(start + 10s);
  EXPECT_THAT(take_told(), ElementsAre("b LATE"));
}

TEST_F(OpenCountsTest, that_are_too_many_are_told_so) {
  auto const a = begin("a");
  begin("b");
  EXPECT_FALSE(begin("c"));
  counts.finish(*a, {1, {}});
  EXPECT_TRUE(begin("d"));
  EXPECT_THAT(take_told(), ElementsAre("c FULL", "a 1"));
}

TEST_F(OpenCountsTest, fail_together_and_may_be_asked_anew_from_within) {
  counts.begin([this](ServerCount const& count) {
    told.push_back(count.error);
    begin("again");
  });
  begin("b");
  counts.fail_all("LOST it");
  EXPECT_THAT(take_told(), ElementsAre("LOST it", "b LOST"));
  counts.fail_all("DOWN");
  EXPECT_THAT(take_told(), ElementsAre("again DOWN"));
}

/// What a server's answer of these bytes counts.
std::string count_in(std::string const& bytes) {
  RespReader reader;
  EXPECT_EQ(reader.read(bytes).value(), bytes.size());
  auto const count = count_of(reader.value());
  return count ? std::to_string(count.servers) : count.error;
}

TEST(CountOf, an_answer_of_redis) {
  EXPECT_EQ(count_in("*2\r\n$7\r\nchannel\r\n:3\r\n"), "3");
  EXPECT_EQ(count_in("-NOPERM this user has no permissions\r\n"), "NOPERM this user has no permissions");
  auto const wrong = "WRONG the answer of Redis is no number of subscribers";
  for (auto const* bytes : {"*0\r\n", ":3\r\n", "*2\r\n$7\r\nchannel\r\n$1\r\n3\r\n", "*1\r\n:3\r\n"})
    EXPECT_EQ(count_in(bytes), wrong) << bytes;
}

}  // namespace
}  // namespace chorus::cluster::redis
