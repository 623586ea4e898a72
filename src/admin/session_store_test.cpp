#include "admin/session_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace chorus::admin {
namespace {

using namespace std::chrono_literals;

TEST(SessionIds, are_of_hexadecimal_digits_and_never_the_same) {
  auto const one = make_session_id(), other = make_session_id();
  EXPECT_THAT(one, ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(one, other);
}

TEST(SessionList, knows_a_session_until_its_time_is_over) {
  SessionList list(10, 60s);
  TimePoint const start{};
  list.add("one", start);
  EXPECT_TRUE(list.contains("one", start));
  EXPECT_TRUE(list.contains("one", start + 60s - 1ns));
  EXPECT_FALSE(list.contains("one", start + 60s));
  for (auto const* const other : {"", "on", "onee", "two", "oneone"})
    EXPECT_FALSE(list.contains(other, start)) << other;
}

TEST(SessionList, gives_up_the_oldest_for_the_newest) {
  SessionList list(3, 60s);
  for (auto const* const id : {"1", "2", "3", "4", "5"}) list.add(id, TimePoint{});
  EXPECT_EQ(list.size(), 3u);
  EXPECT_FALSE(list.contains("2", TimePoint{}));
  for (auto const* const id : {"3", "4", "5"}) EXPECT_TRUE(list.contains(id, TimePoint{})) << id;
}

TEST(SessionList, sheds_what_is_over_and_keeps_none_where_none_is_allowed) {
  SessionList list(3, 60s), nothing(0, 60s);
  list.add("old", TimePoint{});
  list.add("new", TimePoint{} + 60s);
  EXPECT_EQ(list.size(), 1u);
  nothing.add("one", TimePoint{});
  EXPECT_FALSE(nothing.contains("one", TimePoint{}));
}

TEST(MemoryStore, answers_at_once) {
  MemoryStore store(AdminStore{.session_duration = 60s});
  auto found = [&](std::string id, TimePoint now) {
    std::optional<bool> answer;
    store.find(std::move(id), now, [&](bool is_there) { answer = is_there; });
    return answer;
  };
  EXPECT_EQ(found("one", TimePoint{}), std::optional(false));
  store.save("one", TimePoint{});
  EXPECT_EQ(found("one", TimePoint{}), std::optional(true));
  EXPECT_EQ(found("one", TimePoint{} + 60s), std::optional(false));
}

}  // namespace
}  // namespace chorus::admin
