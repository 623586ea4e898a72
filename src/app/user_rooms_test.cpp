#include "app/user_rooms.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace chorus::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Change = UserRooms::Change;

TEST(UserRooms, are_joined_and_left) {
  UserRooms rooms;
  EXPECT_EQ(rooms.join("ada", "kitchen", 5).change, Change::done);
  EXPECT_EQ(rooms.join("ada", "kitchen", 6).change, Change::nothing);
  EXPECT_TRUE(rooms.is_in("ada", "kitchen"));
  EXPECT_EQ(rooms.leave("ada", "kitchen", 7).change, Change::done);
  EXPECT_EQ(rooms.leave("ada", "kitchen", 8).change, Change::nothing);
  EXPECT_EQ(rooms.leave("ben", "kitchen", 9).change, Change::nothing);
  EXPECT_FALSE(rooms.is_in("ada", "kitchen"));
  EXPECT_EQ(rooms.size(), 1u);
}

TEST(UserRooms, that_were_never_joined_are_left_without_a_trace) {
  UserRooms rooms;
  rooms.join("ada", "kitchen", 1);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(rooms.leave("ada", "room " + std::to_string(i), 2).change, Change::nothing);
  EXPECT_THAT(rooms.words("ada"), SizeIs(1));
}

TEST(UserRooms, are_forgotten_with_the_last_device) {
  UserRooms rooms;
  rooms.join("ada", "kitchen", 1);
  rooms.join("ada", "attic", 2);
  rooms.join("ada", "cellar", 3);
  rooms.leave("ada", "cellar", 4);
  EXPECT_THAT(rooms.forget("ada"), ElementsAre("attic", "kitchen"));
  EXPECT_THAT(rooms.forget("ada"), IsEmpty());
  EXPECT_EQ(rooms.size(), 0u);
}

TEST(UserRooms, are_no_more_than_allowed) {
  UserRooms rooms;
  for (std::size_t i = 0; i < rooms_per_user_max; ++i)
    EXPECT_EQ(rooms.join("ada", "room " + std::to_string(i), i).change, Change::done);
  EXPECT_EQ(rooms.join("ada", "one more", 99).change, Change::too_many);
  EXPECT_THAT(rooms.rooms("ada"), SizeIs(rooms_per_user_max));
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    rooms.leave("ada", "room 1", 100 + 2 * i);
    rooms.join("ada", "room 1", 101 + 2 * i);
    rooms.leave("ada", "room 1", 102 + 2 * i);
    rooms.join("ada", "other " + std::to_string(i), 102 + 2 * i);
    rooms.leave("ada", "other " + std::to_string(i), 103 + 2 * i);
    rooms.join("ada", "room 1", 103 + 2 * i);
  }
  EXPECT_LE(rooms.words("ada").size(), 4 * rooms_per_user_max);
  EXPECT_THAT(rooms.rooms("ada"), SizeIs(rooms_per_user_max));
}

TEST(UserRooms, come_to_the_same_in_all_processes_in_whatever_order_words_arrive) {
  UserRooms here;
  std::vector<RoomWord> words = {here.join("ada", "kitchen", 10).word, here.leave("ada", "kitchen", 10).word,
                                 here.join("ada", "attic", 10).word, here.join("ada", "kitchen", 5).word};
  EXPECT_THAT(here.rooms("ada"), ElementsAre("attic", "kitchen"));
  std::ranges::sort(words, {}, &RoomWord::stamp);
  auto const by_order = [](RoomWord const& a, RoomWord const& b) {
    return std::tie(a.room, a.stamp) < std::tie(b.room, b.stamp);
  };
  std::ranges::sort(words, by_order);
  do {
    UserRooms there;
    for (auto const& word : words) there.merge(word);
    for (auto const& word : words) EXPECT_FALSE(there.merge(word));
    EXPECT_THAT(there.rooms("ada"), ElementsAre("attic", "kitchen"));
    EXPECT_EQ(there.words("ada"), here.words("ada"));
  } while (std::ranges::next_permutation(words, by_order).found);
}

TEST(UserRooms, tell_whether_another_process_said_something_new) {
  UserRooms rooms;
  EXPECT_TRUE(rooms.merge({"ada", "kitchen", true, 7}));
  EXPECT_FALSE(rooms.merge({"ada", "kitchen", true, 9}));
  EXPECT_FALSE(rooms.merge({"ada", "kitchen", false, 8}));
  EXPECT_TRUE(rooms.merge({"ada", "kitchen", false, 10}));
  EXPECT_FALSE(rooms.merge({"ada", "attic", false, 10}));
  EXPECT_THAT(rooms.rooms("ada"), IsEmpty());
}

}  // namespace
}  // namespace chorus::app
