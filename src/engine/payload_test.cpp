#include "engine/payload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace chorus::engine {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> split(Bytes payload) {
  std::vector<std::string> packets;
  PayloadReader reader(payload);
  while (auto const packet = reader.next()) packets.emplace_back(*packet);
  return packets;
}

void expect_packet(Bytes encoded, PacketType type, Bytes data, MessageKind kind = MessageKind::text) {
  std::string scratch;
  auto const packet = decode_packet(encoded, scratch);
  ASSERT_TRUE(packet.has_value()) << encoded;
  EXPECT_EQ(packet->type, type);
  EXPECT_EQ(packet->kind, kind);
  EXPECT_EQ(packet->data, data);
}

PacketError error_of(Bytes encoded) {
  std::string scratch;
  auto const packet = decode_packet(encoded, scratch);
  return packet ? PacketError{99} : packet.error();
}

TEST(Packet, is_a_digit_and_its_data) {
  expect_packet("0{}", PacketType::open, "{}");
  expect_packet("1", PacketType::close, "");
  expect_packet("2probe", PacketType::ping, "probe");
  expect_packet("3", PacketType::pong, "");
  expect_packet("4hello", PacketType::message, "hello");
  expect_packet("4", PacketType::message, "");
  expect_packet("5", PacketType::upgrade, "");
  expect_packet("6", PacketType::noop, "");
}

TEST(Packet, PN2_holds_a_binary_message_as_base64_without_a_digit) {
  expect_packet("bAQIDBA==", PacketType::message, "\x01\x02\x03\x04", MessageKind::binary);
  expect_packet("b", PacketType::message, "", MessageKind::binary);
}

TEST(Packet, PI2_that_is_none_is_refused) {
  EXPECT_EQ(error_of(""), PacketError::empty);
  EXPECT_EQ(error_of("abc"), PacketError::unknown_type);
  EXPECT_EQ(error_of("7"), PacketError::unknown_type);
  EXPECT_EQ(error_of("/"), PacketError::unknown_type);
  EXPECT_EQ(error_of("\x1e"), PacketError::unknown_type);
  EXPECT_EQ(error_of("b!"), PacketError::bad_base64);
}

TEST(PayloadReader, splits_at_the_separator) {
  EXPECT_THAT(split("4test1\x1e"
                    "4test2\x1e"
                    "bAQIDBA=="),
              ElementsAre("4test1", "4test2", "bAQIDBA=="));
  EXPECT_THAT(split("4hello"), ElementsAre("4hello"));
}

TEST(PayloadReader, leaves_empty_packets_to_be_refused) {
  EXPECT_THAT(split(""), ElementsAre(""));
  EXPECT_THAT(split("4a\x1e"), ElementsAre("4a", ""));
  EXPECT_THAT(split("\x1e"), ElementsAre("", ""));
}

TEST(Payload, is_written_as_it_is_read) {
  std::string payload;
  append_packet(payload, "2");
  append_message(payload, MessageKind::text, "hello");
  append_message(payload, MessageKind::binary, "\x01\x02\x03\x04");
  append_message(payload, MessageKind::text, "");
  EXPECT_EQ(payload,
            "2\x1e"
            "4hello\x1e"
            "bAQIDBA==\x1e"
            "4");
}

TEST(Payload, PI1_PI3_PN8_with_packets_of_every_type_comes_back) {
  std::string payload;
  for (Bytes const packet : {"0{}", "1", "2", "3probe"}) append_packet(payload, packet);
  append_message(payload, MessageKind::text, "€ 𝄞");
  append_message(payload, MessageKind::binary, "\x01\xff");
  for (Bytes const packet : {"5", "6"}) append_packet(payload, packet);
  std::vector<std::string> read;
  std::string scratch;
  for (auto const& encoded : split(payload)) {
    auto const packet = decode_packet(encoded, scratch).value();
    read.push_back(std::to_string(static_cast<int>(packet.type)) +
                   (packet.kind == MessageKind::binary ? " binary " : " ") + std::string(packet.data));
  }
  EXPECT_THAT(read, ElementsAre("0 {}", "1 ", "2 ", "3 probe", "4 € 𝄞", "4 binary \x01\xff", "5 ", "6 "));
}

TEST(Payload, knows_the_size_of_a_message_before) {
  for (auto const kind : {MessageKind::text, MessageKind::binary}) {
    for (std::string data; data.size() < 10; data += 'x') {
      std::string payload;
      append_message(payload, kind, data);
      EXPECT_EQ(message_size(kind, data), payload.size());
    }
  }
}

}  // namespace
}  // namespace chorus::engine
