#include "cluster/redis/wire_rooms.hpp"

#include <gtest/gtest.h>

#include <set>

#include "socket/switchboard.hpp"

namespace chorus::cluster::redis {
namespace {

using socket::room_key;
using socket::user_key;

TEST(WireRooms, a_room_has_its_plain_name) {
  EXPECT_EQ(to_wire(room_key("lobby")), "lobby");
  EXPECT_EQ(to_wire(room_key("")), "");
  EXPECT_EQ(to_wire(room_key("user:7")), "user:7");
  EXPECT_EQ(from_wire("lobby"), room_key("lobby"));
  EXPECT_EQ(from_wire(""), room_key(""));
}

TEST(WireRooms, a_user_is_a_room_that_no_client_can_name) {
  EXPECT_EQ(to_wire(user_key(UserId{"7"})), "\x01user:7");
  EXPECT_EQ(from_wire("\x01user:7"), user_key(UserId{"7"}));
  EXPECT_EQ(to_wire(room_key("\x01user:7")), "\x01room:\x01user:7");
  EXPECT_EQ(from_wire("\x01room:\x01user:7"), room_key("\x01user:7"));
}

TEST(WireRooms, every_key_has_a_name_of_its_own_and_comes_back) {
  std::set<std::string> names;
  Bytes const texts[] = {"", "a", "\x01", "\x01user:", "\x01room:", "\x01room:\x01user:a", "\x01room:a", "user:a"};
  for (Bytes const text : texts) {
    for (std::string const& key : {room_key(text), user_key(UserId{std::string(text)})}) {
      std::string const name = to_wire(key);
      EXPECT_EQ(from_wire(name), key);
      EXPECT_TRUE(names.insert(name).second) << key;
    }
  }
}

TEST(WireRooms, a_marked_name_that_is_not_ours_is_a_room) {
  EXPECT_EQ(from_wire("\x01other"), room_key("\x01other"));
  EXPECT_EQ(from_wire("\x01room:plain"), room_key("\x01room:plain"));
}

}  // namespace
}  // namespace chorus::cluster::redis
