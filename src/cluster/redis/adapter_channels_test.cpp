#include "cluster/redis/adapter_channels.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "socket/switchboard.hpp"

namespace chorus::cluster::redis {
namespace {

using socket::room_key;

std::optional<ChannelParts> parts(ChannelKind kind, Bytes nsp, Bytes tail = {}) {
  return ChannelParts{kind, nsp, tail};
}

AdapterChannels const channels;

TEST(AdapterChannels, have_the_names_that_node_gives_them) {
  EXPECT_EQ(channels.broadcast("/"), "socket.io#/#");
  EXPECT_EQ(channels.broadcast("/chat"), "socket.io#/chat#");
  EXPECT_EQ(channels.broadcast("/", "lobby"), "socket.io#/#lobby#");
  EXPECT_EQ(channels.broadcast_pattern("/"), "socket.io#/#*");
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

TEST(AdapterChannels, are_taken_apart_again) {
  EXPECT_EQ(channels.parse("socket.io#/#"), parts(ChannelKind::broadcast, "/"));
  EXPECT_EQ(channels.parse("socket.io#/chat#lobby#"), parts(ChannelKind::broadcast, "/chat", "lobby"));
  EXPECT_EQ(channels.parse("socket.io#/chat#a#b#"), parts(ChannelKind::broadcast, "/chat", "a#b"));
  EXPECT_EQ(channels.parse("socket.io#/###"), parts(ChannelKind::broadcast, "/", "#"));
  EXPECT_EQ(channels.parse("socket.io-request#/a#b#"), parts(ChannelKind::request, "/a#b"));
  EXPECT_EQ(channels.parse("socket.io-response#/#"), parts(ChannelKind::response, "/"));
  EXPECT_EQ(channels.parse("socket.io-response#/#Xy12ab#"), parts(ChannelKind::response, "/", "Xy12ab"));
}

TEST(AdapterChannels, a_server_of_a_namespace_with_a_hash_reads_its_own_channels) {
  EXPECT_EQ(channels.parse_for("/a#b", "socket.io#/a#b#"), parts(ChannelKind::broadcast, "/a#b"));
  EXPECT_EQ(channels.parse_for("/a#b", "socket.io#/a#b#c#"), parts(ChannelKind::broadcast, "/a#b", "c"));
  EXPECT_EQ(channels.parse_for("/a", "socket.io#/a#b#"), parts(ChannelKind::broadcast, "/a", "b"));
  EXPECT_EQ(channels.parse_for("/a#b", "socket.io-request#/a#b#"), parts(ChannelKind::request, "/a#b"));
  EXPECT_EQ(channels.parse_for("/a", "socket.io-request#/a#b#"), std::nullopt);
}

TEST(AdapterChannels, what_another_namespace_was_sent_is_none_of_ours) {
  EXPECT_EQ(channels.parse_for("/a", "socket.io#/ab#"), std::nullopt);
  EXPECT_EQ(channels.parse_for("/a*b", "socket.io#/aXb#"), std::nullopt);
  EXPECT_EQ(channels.parse_for("/", "socket.io#/chat#"), std::nullopt);
}

TEST(AdapterChannels, other_channels_are_nothing) {
  for (Bytes const channel : {"", "socket.io", "socket.io#", "socket.io#/", "socket.io#/#room", "socket.io-other#/#",
                              "socket.io-response#/#uid", "other#/#", "socket.io-request#/"}) {
    EXPECT_EQ(channels.parse(channel), std::nullopt) << channel;
    EXPECT_EQ(channels.parse_for("/", channel), std::nullopt) << channel;
  }
}

TEST(AdapterChannels, a_pattern_takes_the_namespace_literally) {
  EXPECT_EQ(channels.broadcast_pattern("/a*b?[c]\\"), "socket.io#/a\\*b\\?\\[c\\]\\\\#*");
}

}  // namespace
}  // namespace chorus::cluster::redis
