#include "base/msgpack_reader.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace chorus::msgpack {
namespace {

using namespace std::string_view_literals;

/// The message on a heap block of exactly its size, and one short description of each of its tokens.
std::string tokens(Bytes message) {
  auto const block = std::make_unique<char[]>(message.size());
  message.copy(block.get(), message.size());
  Reader reader(Bytes(block.get(), message.size()));
  std::string text;
  while (!reader.at_end()) {
    auto const token = reader.next();
    if (!token) return text + "!";
    switch (token->kind) {
      case Kind::nil:
        text += "nil ";
        break;
      case Kind::boolean:
        text += token->boolean ? "true " : "false ";
        break;
      case Kind::integer:
        text += std::to_string(token->integer) + " ";
        break;
      case Kind::unsigned_integer:
        text += std::to_string(token->unsigned_integer) + "u ";
        break;
      case Kind::floating:
        text += std::to_string(token->floating) + " ";
        break;
      case Kind::string:
        text.append("'").append(token->bytes).append("' ");
        break;
      case Kind::binary:
        text.append("b'").append(token->bytes).append("' ");
        break;
      case Kind::extension:
        text.append("x").append(std::to_string(token->extension)).append("'").append(token->bytes).append("' ");
        break;
      case Kind::array:
        text += "[" + std::to_string(token->count) + " ";
        break;
      case Kind::map:
        text += "{" + std::to_string(token->count) + " ";
        break;
    }
  }
  return text;
}

TEST(MsgpackReader, reads_scalars) {
  EXPECT_EQ(tokens("\xc0\xc2\xc3"sv), "nil false true ");
  EXPECT_EQ(tokens("\x00\x7f\xe0\xff"sv), "0 127 -32 -1 ");
  EXPECT_EQ(tokens("\xcc\xff\xcd\xff\xff\xce\xff\xff\xff\xff"sv), "255 65535 4294967295 ");
  EXPECT_EQ(tokens("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"sv), "9223372036854775807 ");
  EXPECT_EQ(tokens("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"sv), "18446744073709551615u ");
  EXPECT_EQ(tokens("\xd0\x80\xd1\x80\x00\xd2\x80\x00\x00\x00"sv), "-128 -32768 -2147483648 ");
  EXPECT_EQ(tokens("\xd3\x80\x00\x00\x00\x00\x00\x00\x00\xd3\x00\x00\x00\x00\x00\x00\x00\x01"sv),
            "-9223372036854775808 1 ");
  EXPECT_EQ(tokens("\xca\x3f\xc0\x00\x00\xcb\xbf\xf8\x00\x00\x00\x00\x00\x00"sv), "1.500000 -1.500000 ");
}

TEST(MsgpackReader, reads_bytes_of_every_size_of_size) {
  EXPECT_EQ(tokens("\xa0\xa2hi\xd9\x02hi\xda\x00\x02hi\xdb\x00\x00\x00\x02hi"sv), "'' 'hi' 'hi' 'hi' 'hi' ");
  EXPECT_EQ(tokens("\xc4\x01z\xc5\x00\x01z\xc6\x00\x00\x00\x01z"sv), "b'z' b'z' b'z' ");
  EXPECT_EQ(tokens("\xc7\x01\x05z\xc8\x00\x01\xffz\xc9\x00\x00\x00\x01\x05z"sv), "x5'z' x-1'z' x5'z' ");
  EXPECT_EQ(tokens("\xd4\x05z\xd5\x05zz\xd6\x05zzzz\xd7\x05zzzzzzzz\xd8\x80zzzzzzzzzzzzzzzz"sv),
            "x5'z' x5'zz' x5'zzzz' x5'zzzzzzzz' x-128'zzzzzzzzzzzzzzzz' ");
}

TEST(MsgpackReader, reads_the_heads_of_arrays_and_maps) {
  EXPECT_EQ(tokens("\x90\x92\x01\xc0\xdc\x00\x01\x01\xdd\x00\x00\x00\x01\x01"sv), "[0 [2 1 nil [1 1 [1 1 ");
  EXPECT_EQ(tokens("\x80\x81\xa1k\x01\xde\x00\x01\xa1k\x01\xdf\x00\x00\x00\x01\xa1k\x01"sv),
            "{0 {1 'k' 1 {1 'k' 1 {1 'k' 1 ");
}

TEST(MsgpackReader, refuses_what_is_cut_anywhere) {
  Bytes const whole[] = {"\xcd\x01\x01"sv,
                         "\xd3\x00\x00\x00\x00\x00\x00\x00\x01"sv,
                         "\xcb\x00\x00\x00\x00\x00\x00\x00\x00"sv,
                         "\xa2hi"sv,
                         "\xdb\x00\x00\x00\x02hi"sv,
                         "\xc5\x00\x01z"sv,
                         "\xc7\x01\x05z"sv,
                         "\xd6\x05zzzz"sv};
  for (Bytes const message : whole) {
    for (std::size_t size = 1; size < message.size(); ++size) EXPECT_EQ(tokens(message.substr(0, size)), "!");
  }
  EXPECT_FALSE(Reader(Bytes()).next());
}

TEST(MsgpackReader, refuses_a_count_that_the_bytes_left_cannot_hold) {
  EXPECT_EQ(tokens("\x91"sv), "!");
  EXPECT_EQ(tokens("\x81\xa0"sv), "!");
  EXPECT_EQ(tokens("\xdd\xff\xff\xff\xff\x00\x00\x00\x00"sv), "!");
  EXPECT_EQ(tokens("\xdf\xff\xff\xff\xff\x00\x00\x00\x00"sv), "!");
  EXPECT_EQ(tokens("\xdb\xff\xff\xff\xff\x00\x00\x00\x00"sv), "!");
}

TEST(MsgpackReader, refuses_the_byte_that_is_never_used) { EXPECT_EQ(tokens("\xc1"sv), "!"); }

TEST(MsgpackReader, skips_a_whole_value) {
  Reader reader("\x82\xa1k\x92\x01\x90\xa1l\x80\x07"sv);
  EXPECT_EQ(reader.skip(), "\x82\xa1k\x92\x01\x90\xa1l\x80"sv);
  EXPECT_EQ(reader.next()->integer, 7);
  EXPECT_EQ(reader.skip(), std::nullopt);
}

TEST(MsgpackReader, skips_any_depth_and_nothing_that_is_incomplete) {
  std::string deep(100'000, '\x91');
  EXPECT_EQ(Reader(deep).skip(), std::nullopt);
  deep += '\x90';
  EXPECT_EQ(Reader(deep).skip(), deep);
  EXPECT_EQ(Reader("\x92\x92\x01\x01"sv).skip(), std::nullopt);
  EXPECT_EQ(Reader("\x92\x92\x01\x01\xc1"sv).skip(), std::nullopt);
}

/// The members as `name=<size of the value>,`, and how it ended.
std::string members(Bytes message) {
  MapReader reader(message);
  if (!reader.is_map()) return "no map";
  std::string all;
  while (auto const member = reader.next())
    all.append(member->name).append("=").append(std::to_string(member->value.size())).append(",");
  return all + (reader.at_end() ? "" : "!");
}

TEST(MsgpackMapReader, walks_over_members_and_passes_over_keys_that_are_no_strings) {
  EXPECT_EQ(members("\x80"), "");
  EXPECT_EQ(members("\x83\xa1z\x92\x01\x02\x07\x01\xa0\xc0"), "z=3,=1,");
  EXPECT_EQ(members("\x90"), "no map");
  EXPECT_EQ(members(""), "no map");
}

TEST(MsgpackMapReader, knows_whether_all_was_there_and_nothing_behind_it) {
  EXPECT_EQ(members("\x81\xa1z"), "!");
  EXPECT_EQ(members("\x81\xa1z\x92\x01"), "!");
  EXPECT_EQ(members("\x81\xa1z\x01\x01"), "z=1,!");
  EXPECT_EQ(members("\x81\xc1\x01"), "!");
}

TEST(MsgpackReader, passes_over_undefined_and_over_nothing_else) {
  Reader reader("\xd4\0\0\xd4\x01\0\xd4\0"sv);
  EXPECT_TRUE(reader.skip_undefined());
  EXPECT_FALSE(reader.skip_undefined());
  EXPECT_FALSE(is_undefined(reader.next().value()));
  EXPECT_FALSE(reader.skip_undefined());
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(is_undefined(Reader("\xd4\0\0"sv).next().value()));
}

}  // namespace
}  // namespace chorus::msgpack
