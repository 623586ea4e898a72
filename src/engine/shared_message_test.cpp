#include "engine/shared_message.hpp"

#include <gtest/gtest.h>

#include <array>

namespace chorus::engine {
namespace {

using namespace std::string_literals;

TEST(SharedMessage, is_one_block_of_a_text_frame_and_its_attachments) {
  std::array<Bytes, 2> const attachments{"\x01\x02", ""};
  auto const message = SharedMessage::make("51-[\"a\"]", attachments);
  EXPECT_EQ(*message->frames(), "\x81\x09"s + "451-[\"a\"]" + "\x82\x02\x01\x02" + "\x82\x00"s);
  EXPECT_TRUE(message->has_text());
  EXPECT_EQ(message->text(), "451-[\"a\"]");
  ASSERT_EQ(message->attachment_count(), 2U);
  EXPECT_EQ(message->attachment(0), "\x01\x02");
  EXPECT_EQ(message->attachment(1), "");
}

TEST(SharedMessage, writes_the_longer_frame_headers) {
  auto const medium = SharedMessage::make(std::string(200, 'x'));
  EXPECT_EQ(medium->frames()->substr(0, 5), "\x81\x7e\x00\xc9\x34"s);
  EXPECT_EQ(medium->text(), "4" + std::string(200, 'x'));
  auto const large = SharedMessage::make(std::string(70'000, 'x'));
  EXPECT_EQ(large->frames()->substr(0, 11), "\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x71\x34"s);
  EXPECT_EQ(large->text().size(), 70'001U);
}

TEST(SharedMessage, may_be_binary_alone) {
  auto const message = SharedMessage::make_binary("\x01\x02\x03");
  EXPECT_FALSE(message->has_text());
  EXPECT_EQ(message->text(), "");
  EXPECT_EQ(*message->frames(), "\x82\x03\x01\x02\x03");
  EXPECT_EQ(message->attachment(0), "\x01\x02\x03");
  EXPECT_EQ(message->payload_size(), Bytes("bAQID").size());
}

TEST(SharedMessage, knows_its_size_in_a_payload) {
  std::array<Bytes, 2> const attachments{"\x01\x02\x03", "x"};
  auto const message = SharedMessage::make("hello", attachments);
  Bytes const payload =
      "4hello\x1e"
      "bAQID\x1e"
      "beA==";
  EXPECT_EQ(message->payload_size(), payload.size());
}

TEST(SharedMessage, may_be_a_packet_of_another_type) {
  auto const message = SharedMessage::make_packet("3");
  EXPECT_EQ(*message->frames(), "\x81\x01\x33");
  EXPECT_EQ(message->text(), "3");
  EXPECT_EQ(message->payload_size(), 1U);
}

TEST(SharedMessage, may_have_an_empty_text) {
  auto const message = SharedMessage::make("");
  EXPECT_TRUE(message->has_text());
  EXPECT_EQ(*message->frames(), "\x81\x01\x34");
  EXPECT_EQ(message->payload_size(), 1U);
}

}  // namespace
}  // namespace chorus::engine
