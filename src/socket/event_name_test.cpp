#include "socket/event_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

TEST(EventName, SK50_knows_what_socket_io_reserves) {
  for (auto const* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
    EXPECT_TRUE(is_reserved_event(name)) << name;
  for (auto const* name : {"", "Connect", "connected", "message", "error"})
    EXPECT_FALSE(is_reserved_event(name)) << name;
}

TEST(EventNameDeathTest, SK50_NS23_a_reserved_name_in_an_emit_is_our_own_bug) {
  testing::HubWorld world;
  auto nsp = world.of("/");
  std::optional<Socket> socket;
  nsp.on_connection([&](Socket const& s) { socket = s; });
  testing::ClientWorld client(world);
  client.say("0");
  constexpr auto* sentence = "an event name that Socket.IO reserves";
  EXPECT_DEATH(nsp.emit("disconnect"), sentence);
  EXPECT_DEATH(nsp.to("room").ask("connect", [](Answers const&) {}), sentence);
  EXPECT_DEATH(socket->emit("newListener"), sentence);
  EXPECT_DEATH(socket->broadcast().emit("connect_error"), sentence);
  nsp.emit("message");
  EXPECT_THAT(client.heard(), ::testing::ElementsAre(R"(2["message"])"));
}

}  // namespace
}  // namespace chorus::socket
