#include "engine/message_queue.hpp"

#include <gtest/gtest.h>

#include <array>

namespace chorus::engine {
namespace {

constexpr MessageQueue::Limits wide{1'000'000, 1'000};

std::string moved(MessageQueue& queue, std::size_t payload_bytes_max, Bytes packet_before = {}) {
  AnswerWriter answer({});
  if (!packet_before.empty()) answer.packet(packet_before);
  queue.move_into(answer, payload_bytes_max);
  return answer.take().body;
}

TEST(MessageQueue, moves_as_many_as_fit_into_a_payload) {
  MessageQueue queue;
  for (Bytes const text : {"one", "two", "six"}) queue.push(SharedMessage::make(text), wide);
  EXPECT_EQ(queue.bytes(), 12U);
  EXPECT_EQ(moved(queue, 9),
            "4one\x1e"
            "4two");
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.bytes(), 4U);
  EXPECT_EQ(moved(queue, 9), "4six");
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(MessageQueue, moves_at_least_one_into_an_empty_payload) {
  MessageQueue queue;
  queue.push(SharedMessage::make("much too long"), wide);
  EXPECT_EQ(moved(queue, 3, "2"), "2");
  EXPECT_EQ(moved(queue, 3), "4much too long");
}

TEST(MessageQueue, keeps_a_packet_and_its_attachments_together) {
  MessageQueue queue;
  std::array<Bytes, 1> const attachments{"\x01\x02\x03"};
  queue.push(SharedMessage::make("a"), wide);
  queue.push(SharedMessage::make("51-", attachments), wide);
  EXPECT_EQ(moved(queue, 8), "4a");
  EXPECT_EQ(moved(queue, 8),
            "451-\x1e"
            "bAQID");
}

TEST(MessageQueue, refuses_what_passes_a_limit_but_never_the_first) {
  MessageQueue queue;
  EXPECT_TRUE(queue.push(SharedMessage::make(std::string(50, 'x')), {10, 2}));
  EXPECT_FALSE(queue.push(SharedMessage::make("y"), {10, 2}));
  EXPECT_EQ(queue.bytes(), 51U);
  EXPECT_TRUE(queue.push(SharedMessage::make("y"), {53, 2}));
  EXPECT_FALSE(queue.push(SharedMessage::make(""), {1'000, 2}));
}

}  // namespace
}  // namespace chorus::engine
