#include "socket/event_name.hpp"

#include <gtest/gtest.h>

#include "chorus/audience.hpp"

namespace chorus::socket {
namespace {

TEST(EventName, SK50_knows_what_socket_io_reserves) {
  for (auto const* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
    EXPECT_TRUE(is_reserved_event(name)) << name;
  for (auto const* name : {"", "Connect", "connected", "message", "error"})
    EXPECT_FALSE(is_reserved_event(name)) << name;
}

TEST(EventNameDeathTest, NS23_a_reserved_name_in_an_emit_is_our_own_bug) {
  check_event_name("message");
  EXPECT_DEATH(check_event_name("disconnect"), "an event name that Socket.IO reserves");
}

}  // namespace
}  // namespace chorus::socket
