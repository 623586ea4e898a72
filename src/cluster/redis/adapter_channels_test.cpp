#include "cluster/redis/adapter_channels.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "socket/switchboard.hpp"

namespace chorus::cluster::redis {
namespace {

using socket::room_key;

AdapterChannels const channels;

TEST(AdapterChannels, have_the_names_that_node_gives_them) {
  EXPECT_EQ(channels.broadcast("/"), "socket.io#/#");
  EXPECT_EQ(channels.broadcast("/chat"), "socket.io#/chat#");
  EXPECT_EQ(channels.broadcast("/", "lobby"), "socket.io#/#lobby#");
  EXPECT_EQ(channels.request("/"), "socket.io-request#/#");
  EXPECT_EQ(channels.response("/"), "socket.io-response#/#");
  EXPECT_EQ(channels.response("/chat", "Xy12ab"), "socket.io-response#/chat#Xy12ab#");
  EXPECT_EQ(AdapterChannels("app").request("/x"), "app-request#/x#");
}

TEST(AdapterChannels, a_broadcast_to_exactly_one_room_has_the_rooms_channel) {
  EXPECT_EQ(channels.broadcast("/", std::vector<std::string>{}), "socket.io#/#");
  EXPECT_EQ(channels.broadcast("/", std::vector{room_key("a")}), "socket.io#/#a#");
  EXPECT_EQ(channels.broadcast("/", std::vector{room_key("a"), room_key("b")}), "socket.io#/#");
  EXPECT_EQ(channels.broadcast("/", std::vector{socket::user_key(UserId{"7"})}), "socket.io#/#\x01user:7#");
}

TEST(AdapterChannels, the_pattern_takes_the_key_literally) {
  EXPECT_EQ(channels.all_broadcasts_pattern(), "socket.io#*");
  EXPECT_EQ(AdapterChannels("a*b?[c]\\").all_broadcasts_pattern(), "a\\*b\\?\\[c\\]\\\\#*");
}

}  // namespace
}  // namespace chorus::cluster::redis
