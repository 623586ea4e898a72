#include "app/supervisor/child_orders.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

ChildOrders orders() {
  return {.slot = 2,
          .processes = 3,
          .node = 65535,
          .incarnation = 255,
          .session_key = std::string("\0\x01\xff\x80 five", 9),
          .relay_folder = "/tmp/a \"folder\"",
          .redis_url = "redis://user:pass@host:6379/1"};
}

TEST(ChildOrders, say_the_same_to_the_child) { EXPECT_EQ(decode_child_orders(encode(orders())), orders()); }

TEST(ChildOrders, are_one_object) {
  EXPECT_EQ(encode({.slot = 1, .processes = 2, .node = 1, .session_key = "0123456789abcdef"}),
            R"({"slot":1,"processes":2,"node":1,"incarnation":0,"sessionKey":"MDEyMzQ1Njc4OWFiY2RlZg",)"
            R"("relayFolder":"","redisUrl":""})");
}

TEST(ChildOrders, are_refused_when_cut_or_out_of_range) {
  auto const message = encode(orders());
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_FALSE(decode_child_orders(std::string_view(message).substr(0, size))) << size;
  EXPECT_FALSE(decode_child_orders(message + "}"));
  EXPECT_FALSE(decode_child_orders("{}"));
  auto with = [&](std::string_view what, std::string_view instead) {
    auto changed = message;
    return changed.replace(changed.find(what), what.size(), instead);
  };
  EXPECT_FALSE(decode_child_orders(with(":65535", ":65536")));
  EXPECT_FALSE(decode_child_orders(with(":255", ":-1")));
  EXPECT_FALSE(decode_child_orders(with("\"sessionKey\":\"", "\"sessionKey\":\"*")));
  EXPECT_FALSE(decode_child_orders(with("/tmp", "\xff")));
}

}  // namespace
}  // namespace chorus::app
