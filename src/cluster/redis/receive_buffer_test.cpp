#include "cluster/redis/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace chorus::cluster::redis {
namespace {

/// Receives `bytes` by as many calls as it takes.
void receive(ReceiveBuffer& buffer, Bytes bytes) {
  while (!bytes.empty()) {
    auto const room = buffer.room();
    std::size_t const size = std::min(room.size(), bytes.size());
    bytes.copy(room.data(), size);
    buffer.filled(size);
    bytes.remove_prefix(size);
  }
}

TEST(ReceiveBuffer, keeps_what_was_not_consumed) {
  ReceiveBuffer buffer(16);
  EXPECT_EQ(buffer.bytes(), "");
  receive(buffer, "hello world");
  buffer.consume(6);
  EXPECT_EQ(buffer.bytes(), "world");
  receive(buffer, " and more");
  EXPECT_EQ(buffer.bytes(), "world and more");
}

TEST(ReceiveBuffer, always_has_room_for_more) {
  ReceiveBuffer buffer(16);
  for (int i = 0; i < 200; ++i) {
    ASSERT_GE(buffer.room().size(), buffer.capacity() / 4);
    receive(buffer, "abc");
    if (i % 3 == 0) buffer.consume(2);
  }
}

TEST(ReceiveBuffer, does_not_grow_while_what_waits_is_small) {
  ReceiveBuffer buffer(16);
  for (int i = 0; i < 1000; ++i) {
    receive(buffer, "0123456");
    buffer.consume(i % 2 == 0 ? 6 : 8);
  }
  EXPECT_EQ(buffer.capacity(), 16u);
}

TEST(ReceiveBuffer, gives_memory_back_after_a_big_value) {
  ReceiveBuffer buffer(16);
  std::string const big(1000, 'x');
  receive(buffer, big);
  EXPECT_EQ(buffer.bytes(), big);
  EXPECT_LE(buffer.capacity(), 2048u);
  buffer.consume(995);
  buffer.room();
  EXPECT_EQ(buffer.bytes(), "xxxxx");
  EXPECT_EQ(buffer.capacity(), 16u);
}

}  // namespace
}  // namespace chorus::cluster::redis
