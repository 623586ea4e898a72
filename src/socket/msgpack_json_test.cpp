#include "socket/msgpack_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/hex_vectors.hpp"

namespace chorus::socket {
namespace {

using test::from_hex;
using test::from_hex_list;
using test::to_hex;
using test::vectors_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::string_view_literals;

std::string written(Bytes json, std::vector<std::string> const& attachments = {}, MsgpackLimits const& limits = {}) {
  std::string out = "before";
  std::vector<Bytes> const pieces(attachments.begin(), attachments.end());
  auto const appended = append_msgpack(out, json, pieces, limits);
  if (!appended) return out == "before" ? std::string("!").append(to_text(appended.error())) : "leftovers";
  return to_hex(Bytes(out).substr(6));
}

/// Reads it from a heap block of exactly its size.
Result<OwnedArgs, MsgpackError> read(Bytes message, MsgpackLimits const& limits = {}) {
  auto const block = std::make_unique<char[]>(message.size());
  message.copy(block.get(), message.size());
  return json_of_msgpack(Bytes(block.get(), message.size()), limits);
}

std::string text_of(Bytes message, MsgpackLimits const& limits = {}) {
  auto const result = read(message, limits);
  return result ? result->text : std::string("!").append(to_text(result.error()));
}

// ---- Towards MessagePack ----

TEST(MsgpackJson, writes_what_notepack_writes) {
  auto const vectors = vectors_of("msgpack.txt", {"write"});
  EXPECT_GT(vectors.size(), 40u);
  for (auto const& vector : vectors) EXPECT_EQ(written(vector.columns[0]), vector.columns[1]) << vector.columns[0];
}

TEST(MsgpackJson, writes_long_arrays_as_notepack_does) {
  for (auto const& vector : vectors_of("msgpack.txt", {"ones"})) {
    std::string json = "[1";
    for (int n = std::stoi(vector.columns[0]); n > 1; --n) json += ",1";
    EXPECT_EQ(written(json + "]").substr(0, 16), vector.columns[1]);
  }
}

TEST(MsgpackJson, widens_heads_inside_each_other) {
  std::string row = "[0";
  for (int i = 1; i < 16; ++i) row += ",0";
  row += "]";
  std::string json = "[" + row;
  for (int i = 1; i < 17; ++i) json += "," + row;
  json += "]";
  EXPECT_EQ(text_of(from_hex(written(json))), json);
  EXPECT_EQ(written(json).substr(0, 12), "dc0011dc0010");
}

TEST(MsgpackJson, keeps_all_digits_of_64_bit_integers) {
  EXPECT_EQ(written("9007199254740993"), "cf0020000000000001");
  EXPECT_EQ(written("18446744073709551615"), "cfffffffffffffffff");
  EXPECT_EQ(written("-9223372036854775808"), "d38000000000000000");
  EXPECT_EQ(text_of(from_hex("cf0020000000000001")), "9007199254740993");
  EXPECT_EQ(text_of(from_hex("cfffffffffffffffff")), "18446744073709551615");
  EXPECT_EQ(text_of(from_hex("d38000000000000000")), "-9223372036854775808");
}

TEST(MsgpackJson, integers_beyond_64_bits_are_doubles) {
  EXPECT_EQ(written("18446744073709551616"), "cb43f0000000000000");
  EXPECT_EQ(text_of(from_hex("cb43f0000000000000")), "18446744073709551616");
  EXPECT_EQ(written("1e300"), "cb7e37e43c8800759c");
  EXPECT_EQ(text_of(from_hex("cb7e37e43c8800759c")), "1e+300");
}

TEST(MsgpackJson, half_a_surrogate_pair_becomes_the_replacement_character) {
  EXPECT_EQ(written(R"("\ud83d")"), to_hex("\xa3\xef\xbf\xbd"));
  EXPECT_EQ(written(R"("\ude00x")"), to_hex("\xa4\xef\xbf\xbdx"));
}

TEST(MsgpackJson, repeated_and_numeric_keys_stay_in_the_order_of_the_text) {
  EXPECT_EQ(written(R"({"b":1,"7":2,"b":3})"), "83a16201a13702a16203");
}

TEST(MsgpackJson, placeholders_become_their_attachments) {
  std::vector<std::string> const attachments = {"\x01", "\x02\x03"};
  EXPECT_EQ(written(R"([{"_placeholder":true,"num":1},{"a":{"num":0,"_placeholder":true}}])", attachments),
            "92c402020381a161c40101");
  EXPECT_EQ(written(R"({"_placeholder":true,"num":0})", attachments), "c40101");
  EXPECT_EQ(written(R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])", attachments), "92c40101c40101");
  EXPECT_EQ(written(R"({"_placeholder":false,"num":0})", attachments), written(R"({"_placeholder":false,"num":0})"));
  EXPECT_EQ(written("[1]", attachments), "9101");
}

TEST(MsgpackJson, a_placeholder_must_name_an_attachment) {
  EXPECT_EQ(written(R"({"_placeholder":true,"num":1})", {"a"}), "!a placeholder without its attachment");
  EXPECT_EQ(written(R"({"_placeholder":true})", {"a"}), "!a placeholder without its attachment");
}

TEST(MsgpackJson, an_attachment_that_is_named_too_often_is_too_big) {
  std::string json = "[0";
  for (int i = 0; i < 100; ++i) json += R"(,{"_placeholder":true,"num":0})";
  EXPECT_EQ(written(json + "]", {std::string(100, 'x')}, {.bytes_max = 5'000}), "!too big");
}

TEST(MsgpackJson, text_that_is_no_json_after_all_never_becomes_half_a_message) {
  for (Bytes const json : {"", "[", "]", "[}", "{]", "{\"a\"}", "{1:2}", "{[]:2}", "1 2", "[1]]", "tru", "nul", "falsy",
                           "-", "1.", "@", "[@]", "\\", "{\"a\":1"}) {
    EXPECT_EQ(written(json), "!not one JSON value") << json;
  }
}

TEST(MsgpackJson, writes_events_with_their_name) {
  std::string out;
  ASSERT_TRUE(append_msgpack_event(out, "ev", R"(1,{"_placeholder":true,"num":0})", std::vector<Bytes>{"z"}));
  EXPECT_EQ(to_hex(out), to_hex("\x93\xa2"
                                "ev\x01\xc4\x01z"));
  out.clear();
  ASSERT_TRUE(append_msgpack_event(out, "ev", "", {}));
  EXPECT_EQ(to_hex(out), to_hex("\x91\xa2"
                                "ev"));
  for (Bytes const list : {"1]", "[", "1,[2", "]["}) {
    EXPECT_EQ(append_msgpack_event(out, "ev", list, {}).error(), MsgpackError::bad_json) << list;
    EXPECT_EQ(out.size(), 4u);
  }
}

TEST(MsgpackJson, depth_is_limited_in_both_directions) {
  std::string const json = std::string(512, '[') + std::string(512, ']');
  auto const message = from_hex(written(json));
  EXPECT_EQ(message.size(), 512u);
  EXPECT_EQ(text_of(message), json);
  EXPECT_EQ(written("[" + json + "]"), "!too deep");
  EXPECT_EQ(text_of("\x91" + message), "!too deep");
  EXPECT_EQ(written("[[]]", {}, {.depth_max = 1}), "!too deep");
  EXPECT_EQ(text_of("\x91\x90", {.depth_max = 1}), "!too deep");
  std::string const deepest = std::string(2000, '[') + std::string(2000, ']');
  EXPECT_EQ(written(deepest, {}, {.depth_max = 5'000}), "!too deep");
  EXPECT_EQ(text_of(std::string(2000, '\x91') + '\x90', {.depth_max = 5'000}), "!too deep");
}

// ---- Towards JSON ----

TEST(MsgpackJson, reads_what_notepack_reads) {
  auto const vectors = vectors_of("msgpack.txt", {"read"});
  EXPECT_GT(vectors.size(), 25u);
  for (auto const& vector : vectors) {
    auto const result = read(from_hex(vector.columns[0]));
    ASSERT_TRUE(result) << vector.columns[0];
    EXPECT_EQ(result->text, vector.columns[1]) << vector.columns[0];
    EXPECT_EQ(result->attachments, from_hex_list(vector.columns.size() > 2 ? vector.columns[2] : ""));
  }
}

TEST(MsgpackJson, an_undefined_member_is_left_out_and_an_undefined_element_is_null) {
  EXPECT_EQ(text_of(from_hex("82a161d40000a16201")), R"({"b":1})");
  EXPECT_EQ(text_of(from_hex("82a16101a162d40000")), R"({"a":1})");
  EXPECT_EQ(text_of(from_hex("83a161d40000a16201a163d40000")), R"({"b":1})");
  EXPECT_EQ(text_of(from_hex("81a161d40000")), "{}");
  EXPECT_EQ(text_of(from_hex("9281a161d40000d40000")), "[{},null]");
  EXPECT_EQ(text_of(from_hex("8101d40000")), "{}");
  EXPECT_EQ(text_of(from_hex("81c0d40000")), "!a map's key is neither a string nor an integer");
  EXPECT_EQ(text_of(from_hex("81a161d400")), "!not one MessagePack value");
  EXPECT_EQ(text_of(from_hex("81a161")), "!not one MessagePack value");
}

TEST(MsgpackJson, a_timestamp_of_a_size_that_none_has_is_an_unknown_extension) {
  auto const result = read("\xc7\x02\xff\xaa\xbb"sv);
  EXPECT_EQ(result.value().text, R"([-1,{"_placeholder":true,"num":0}])");
  EXPECT_THAT(result->attachments, ElementsAre("\xaa\xbb"));
}

TEST(MsgpackJson, an_unknown_extension_is_as_deep_as_the_array_that_it_becomes) {
  auto const message = "\x91\xd4\x25\xaa"sv;
  auto const result = read(message, {.depth_max = 2});
  EXPECT_EQ(result.value().text, R"([[37,{"_placeholder":true,"num":0}]])");
  std::string again;
  std::vector<Bytes> const attachments(result->attachments.begin(), result->attachments.end());
  EXPECT_TRUE(append_msgpack(again, result->text, attachments, {.depth_max = 2}));
  EXPECT_EQ(text_of(message, {.depth_max = 1}), "!too deep");
}

TEST(MsgpackJson, reads_lists_without_their_brackets) {
  EXPECT_EQ(json_list_of_msgpack("\x93\xa1x\x92\x01\x02\x80").value().text, R"("x",[1,2],{})");
  EXPECT_EQ(json_list_of_msgpack("\x90").value().text, "");
  EXPECT_EQ(json_list_of_msgpack("\x91\x90").value().text, "[]");
  EXPECT_EQ(json_list_of_msgpack("\x80").error(), MsgpackError::no_array);
  EXPECT_EQ(json_list_of_msgpack("\x01").error(), MsgpackError::no_array);
  EXPECT_EQ(json_list_of_msgpack("").error(), MsgpackError::bad_msgpack);
}

TEST(MsgpackJson, refuses_what_is_no_message) {
  EXPECT_EQ(text_of(""), "!not one MessagePack value");
  EXPECT_EQ(text_of("\x01\x01"), "!not one MessagePack value");
  EXPECT_EQ(text_of("\x92\x01"), "!not one MessagePack value");
  EXPECT_EQ(text_of("\xc1"), "!not one MessagePack value");
  EXPECT_EQ(text_of("\xa1\xff"), "!a string is not UTF-8");
  EXPECT_EQ(text_of("\x81\xa1\xff\x01"), "!a string is not UTF-8");
  EXPECT_EQ(text_of("\x81\xc0\x01"), "!a map's key is neither a string nor an integer");
  EXPECT_EQ(text_of("\x81\xc4\x01k\x01"sv), "!a map's key is neither a string nor an integer");
  EXPECT_EQ(text_of("\x81\x90\x01"), "!a map's key is neither a string nor an integer");
}

TEST(MsgpackJson, attachments_are_limited) {
  auto const message = "\x92\xc4\x01z\xc4\x01z"sv;
  EXPECT_EQ(read(message, {.attachments_max = 2}).value().attachments.size(), 2u);
  EXPECT_EQ(text_of(message, {.attachments_max = 1}), "!too many attachments");
}

TEST(MsgpackJson, somebodys_object_never_becomes_a_reference_to_an_attachment) {
  std::string const object = R"({"_placeholder":true,"num":0})";
  auto const alone = from_hex(written(object));
  auto const result = read(alone);
  EXPECT_EQ(result.value().text, object);
  EXPECT_THAT(result->attachments, IsEmpty());
  EXPECT_EQ(text_of("\x92" + alone + "\xc4\x01z"), "!a placeholder without its attachment");
  EXPECT_EQ(text_of("\x92\xc4\x01z" + alone), "!a placeholder without its attachment");
  auto const harmless = from_hex(written(R"({"_placeholder":[true],"num":0})"));
  EXPECT_TRUE(read("\x92\xc4\x01z" + harmless));
}

}  // namespace
}  // namespace chorus::socket
