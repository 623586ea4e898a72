#include "engine/shared_message.hpp"

#include <gtest/gtest.h>

#include <array>

#include "websocket/message_deflater.hpp"

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

class DeflatedSharedMessage : public ::testing::Test {
 protected:
  websocket::DeflateCounters counters;
  websocket::DeflateSettings settings{.enabled = true, .threshold = 100};
  websocket::MessageDeflater deflater{settings, 15, websocket::Context::none, counters};
};

TEST_F(DeflatedSharedMessage, is_deflated_once_for_all_who_ask) {
  auto const message = SharedMessage::make(std::string(1'000, 'x'));
  auto const& frames = message->deflated_frames(deflater);
  EXPECT_LT(frames->size(), 100U);
  EXPECT_EQ(frames->front(), '\xc1');
  EXPECT_EQ(&message->deflated_frames(deflater), &frames);
  EXPECT_EQ(counters.messages.get(), 1U);
  EXPECT_EQ(message->frames()->size(), 1'005U) << "as it was";

  std::string own;
  message->append_deflated_frames(own, deflater);
  EXPECT_EQ(own, *frames);
  EXPECT_EQ(counters.messages.get(), 2U);
}

TEST_F(DeflatedSharedMessage, deflates_those_of_its_messages_that_are_large_enough) {
  std::string const large(1'000, 'x');
  std::array<Bytes, 2> const attachments{large, "small"};
  auto const message = SharedMessage::make("52-[]", attachments);
  auto const& frames = *message->deflated_frames(deflater);
  EXPECT_EQ(frames.substr(0, 8),
            "\x81\x06"
            "452-[]");
  EXPECT_EQ(frames[8], '\xc2');
  EXPECT_EQ(frames.substr(frames.size() - 7), "\x82\x05small");
  EXPECT_EQ(counters.messages.get(), 1U);
}

TEST_F(DeflatedSharedMessage, is_the_plain_one_when_it_is_small_or_not_to_be_compressed) {
  auto const small = SharedMessage::make("small");
  EXPECT_EQ(small->deflated_frames(deflater), small->frames());
  std::string const large(1'000, 'x');
  auto const plain = SharedMessage::make(large, {}, Compress::no);
  EXPECT_EQ(plain->deflated_frames(deflater), plain->frames());
  auto const binary = SharedMessage::make_binary(large, Compress::no);
  EXPECT_EQ(binary->deflated_frames(deflater), binary->frames());
  EXPECT_EQ(counters.messages.get(), 0U);
}

TEST_F(DeflatedSharedMessage, leaves_nothing_to_the_next_one_in_its_memory) {
  for (char const c : {'x', 'y'}) {
    auto const message = SharedMessage::make(std::string(1'000, c));
    std::string own;
    message->append_deflated_frames(own, deflater);
    EXPECT_EQ(*message->deflated_frames(deflater), own) << c;
  }
  EXPECT_EQ(SharedMessage::make("next")->compress(), Compress::yes);
}

}  // namespace
}  // namespace chorus::engine
