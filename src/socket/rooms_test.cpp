#include "socket/rooms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace chorus::socket {
namespace {

using ::testing::UnorderedElementsAre;

struct Member : RoomMember {};

std::set<RoomMember*> members_of(Room const* room) {
  std::set<RoomMember*> members;
  if (room == nullptr) return members;
  for (auto const& seat : room->seats) EXPECT_TRUE(members.insert(seat.member).second);
  return members;
}

TEST(Rooms, MM9_AD14_the_first_member_makes_the_room_and_the_last_one_ends_it) {
  Rooms rooms;
  Member a, b;
  EXPECT_EQ(rooms.join(a, "x"), Rooms::Change::room);
  EXPECT_EQ(rooms.join(b, "x"), Rooms::Change::member);
  EXPECT_EQ(rooms.join(b, "x"), Rooms::Change::none);
  EXPECT_THAT(members_of(rooms.find("x")), UnorderedElementsAre(&a, &b));
  EXPECT_EQ(rooms.leave(a, "x"), Rooms::Change::member);
  EXPECT_EQ(rooms.leave(a, "x"), Rooms::Change::none);
  EXPECT_EQ(rooms.leave(b, "x"), Rooms::Change::room);
  EXPECT_EQ(rooms.find("x"), nullptr);
  EXPECT_EQ(rooms.size(), 0u);
}

TEST(Rooms, a_collection_takes_each_member_once) {
  Rooms rooms;
  Member a;
  rooms.begin_collection();
  EXPECT_TRUE(rooms.take(a));
  EXPECT_FALSE(rooms.take(a));
  rooms.begin_collection();
  EXPECT_TRUE(rooms.take(a));
}

TEST(Rooms, AD1_MM10_any_order_of_joins_and_leaves_agrees_with_a_plain_table_of_sets) {
  Rooms rooms;
  std::vector<Member> members(20);
  std::map<std::string, std::set<RoomMember*>> model;
  std::mt19937 random(7);
  for (int step = 0; step < 20'000; ++step) {
    Member& member = members[random() % members.size()];
    auto key = std::string("r") + static_cast<char>('a' + random() % 9);
    if (random() % 5 == 0 && !member.memberships().empty()) {
      key = member.memberships().back().room->key;
      rooms.leave_last(member);
      if (model[key].erase(&member) > 0 && model[key].empty()) model.erase(key);
    } else if (random() % 2 == 0) {
      rooms.join(member, key);
      model[key].insert(&member);
    } else {
      rooms.leave(member, key);
      if (model[key].erase(&member) > 0 && model[key].empty()) model.erase(key);
    }
    ASSERT_EQ(members_of(rooms.find(key)), model.contains(key) ? model[key] : std::set<RoomMember*>{});
    ASSERT_EQ(rooms.is_in(member, key), model.contains(key) && model[key].contains(&member));
  }
  for (auto& member : members)
    while (!member.memberships().empty()) rooms.leave_last(member);
  EXPECT_EQ(rooms.size(), 0u);
}

}  // namespace
}  // namespace chorus::socket
