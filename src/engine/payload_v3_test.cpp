#include "engine/payload_v3.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace chorus::engine::v3 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::string_literals;

/// The packets, binary ones with "binary " before them, and "error" where there is one.
template <class Reader>
std::vector<std::string> read(Bytes payload) {
  std::vector<std::string> packets;
  for (Reader reader(payload);;) {
    auto const next = reader.next();
    if (!next) packets.emplace_back("error");
    if (!next || !*next) return packets;
    packets.push_back((next->value().kind == MessageKind::binary ? "binary " : "") + std::string(next->value().bytes));
  }
}
std::vector<std::string> text_payload(Bytes payload) { return read<TextPayloadReader>(payload); }
std::vector<std::string> binary_payload(Bytes payload) { return read<BinaryPayloadReader>(payload); }

void expect_packet(EncodedPacket encoded, PacketType type, Bytes data, MessageKind kind = MessageKind::text) {
  std::string scratch;
  auto const packet = decode_packet(encoded, scratch);
  ASSERT_TRUE(packet.has_value()) << encoded.bytes;
  EXPECT_EQ(packet->type, type);
  EXPECT_EQ(packet->kind, kind);
  EXPECT_EQ(packet->data, data);
}

PacketError error_of(EncodedPacket encoded) {
  std::string scratch;
  auto const packet = decode_packet(encoded, scratch);
  return packet ? PacketError{99} : packet.error();
}

constexpr auto text = MessageKind::text, binary = MessageKind::binary;

TEST(PacketV3, is_a_digit_and_its_data) {
  expect_packet({text, "0{}"}, PacketType::open, "{}");
  expect_packet({text, "2probe"}, PacketType::ping, "probe");
  expect_packet({text, "4"}, PacketType::message, "");
  expect_packet({text, "6"}, PacketType::noop, "");
}

TEST(PacketV3, has_its_type_before_binary_too) {
  expect_packet({binary, "\x04\x01\x02"}, PacketType::message, "\x01\x02", binary);
  expect_packet({binary, "\x02"}, PacketType::ping, "", binary);
  expect_packet({text, "b4AQIDBA=="}, PacketType::message, "\x01\x02\x03\x04", binary);
  expect_packet({text, "b4"}, PacketType::message, "", binary);
  expect_packet({text, "b1"}, PacketType::close, "", binary);
}

TEST(PacketV3, of_binary_means_nothing_when_its_type_is_unknown) {
  expect_packet({binary, "4hello"}, PacketType::noop, "hello", binary);
  expect_packet({binary, "\xff"}, PacketType::noop, "", binary);
  expect_packet({text, "bxAQID"}, PacketType::noop, "\x01\x02\x03", binary);
}

TEST(PacketV3, that_is_none_is_refused) {
  EXPECT_EQ(error_of({text, ""}), PacketError::empty);
  EXPECT_EQ(error_of({binary, ""}), PacketError::empty);
  EXPECT_EQ(error_of({text, "7"}), PacketError::unknown_type);
  EXPECT_EQ(error_of({text, "x"}), PacketError::unknown_type);
  EXPECT_EQ(error_of({text, "b"}), PacketError::unknown_type);
  EXPECT_EQ(error_of({text, "b4!"}), PacketError::bad_base64);
}

TEST(TextPayloadV3, counts_in_utf16) {
  EXPECT_THAT(text_payload("6:4hello2:4€"), ElementsAre("4hello", "4€"));
  EXPECT_THAT(text_payload("3:4\xf0\x9f\x98\x80"
                           "1:2"),
              ElementsAre("4\xf0\x9f\x98\x80", "2"));
  EXPECT_THAT(text_payload("2:4€10:b4AQIDBA=="), ElementsAre("4€", "b4AQIDBA=="));
  EXPECT_THAT(text_payload("1:1"), ElementsAre("1"));
  EXPECT_THAT(text_payload("006:4hello"), ElementsAre("4hello"));
}

TEST(TextPayloadV3, may_hold_nothing_but_must_say_so) {
  EXPECT_THAT(text_payload("0:"), IsEmpty());
  EXPECT_THAT(text_payload("0:0:1:20:"), ElementsAre("2"));
  EXPECT_THAT(text_payload(""), ElementsAre("error"));
}

TEST(TextPayloadV3, ends_at_what_is_no_packet) {
  for (Bytes const payload : {"abc", ":", "1", "12", "2:4", "x:4", "-1:", "+1:2", " 1:2", "1e0:2", "0x1:2", "1.0:2",
                              "99999999999999999999:2", "18446744073709551617:2", "1:\xf0\x9f\x98\x80"})
    EXPECT_THAT(text_payload(payload), ElementsAre("error")) << payload;
  EXPECT_THAT(text_payload("1:2rest"), ElementsAre("2", "error"));
  EXPECT_THAT(text_payload("1:2:"), ElementsAre("2", "error"));
}

TEST(BinaryPayloadV3, has_a_byte_for_each_digit) {
  EXPECT_THAT(binary_payload("\x00\x04\xff\x34\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"s),
              ElementsAre("4€", "binary \x04\x01\x02\x03\x04"));
  EXPECT_THAT(binary_payload("\x00\x01\x02\xff"s + "4" + std::string(11, 'x')),
              ElementsAre("4" + std::string(11, 'x')));
  EXPECT_THAT(binary_payload("\x00\x00\x00\x01\xff"s + "2"), ElementsAre("2"));
  EXPECT_THAT(binary_payload("\x01\x00\xff"s), ElementsAre("binary "));
  EXPECT_THAT(binary_payload(""), IsEmpty());
}

TEST(BinaryPayloadV3, ends_at_what_is_no_packet) {
  for (auto const& payload :
       {"\x00"s, "\x01\xff"s, "\x02\x01\xff"s + "2", "\x00\x02\xff"s + "2", "\x00\x0a\xff"s + "2", "\x00\x01"s + "2",
        "\x00\xff\x01\xff"s + "2", "0\x01\xff"s + "2", "\x00\x01\xff\x80"s, "\x00"s + std::string(11, '\x09') + "\xff",
        "\x00"s + std::string(400, '\x01') + "\xff", "4hello"s})
    EXPECT_THAT(binary_payload(payload), ElementsAre("error")) << payload;
  EXPECT_THAT(binary_payload("\x00\x01\xff"s + "2" + "\x00"s), ElementsAre("2", "error"));
}

TEST(PayloadV3, EP1_is_written_as_it_is_read) {
  std::string written;
  append_to_text_payload(written, "4", "hello");
  append_to_text_payload(written, {}, "4€");
  append_to_text_payload(written, "b4", "AQIDBA==");
  EXPECT_EQ(written, "6:4hello2:4€10:b4AQIDBA==");

  written.clear();
  append_to_binary_payload(written, text, "4", "€");
  append_to_binary_payload(written, binary, binary_prefix, "\x01\x02\x03\x04");
  append_to_binary_payload(written, text, "4", std::string(11, 'x'));
  EXPECT_EQ(written, "\x00\x04\xff\x34\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"s + "\x00\x01\x02\xff"s + "4" +
                         std::string(11, 'x'));
}

}  // namespace
}  // namespace chorus::engine::v3
