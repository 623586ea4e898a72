#include "base/deflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>
#include <vector>

namespace chorus {
namespace {

using namespace std::string_literals;

std::string random_text(std::mt19937& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 8);
  return text;
}

/// What flush_into() writes, with room for it.
std::string flushed(Deflater& deflater, Bytes head, Bytes body) {
  std::string out(head.size() + body.size() + 1000, '\0');
  auto const size = deflater.flush_into(out, head, body);
  EXPECT_TRUE(size);
  out.resize(size.value_or(0));
  return out;
}

/// All that comes of `input`, through an output of `step` bytes; nullopt for a failure.
std::optional<std::string> inflated(Inflater& inflater, Bytes input, std::size_t step = 100) {
  std::string all;
  std::vector<char> out(step);
  while (true) {
    auto const size = inflater.inflate(input, out);
    if (!size) return std::nullopt;
    all.append(out.data(), *size);
    if (*size < out.size()) break;
  }
  EXPECT_TRUE(input.empty());
  return all;
}

TEST(Deflate, a_piece_comes_out_whole_and_ends_with_the_empty_block) {
  std::mt19937 random(1);
  for (std::size_t const size : {0u, 1u, 100u, 5'000u, 200'000u}) {
    Deflater deflater({});
    Inflater inflater;
    auto const text = random_text(random, size);
    auto const wire = flushed(deflater, "4", text);
    EXPECT_EQ(wire.substr(wire.size() - 4), "\x00\x00\xff\xff"s);
    EXPECT_EQ(inflated(inflater, wire), "4" + text);
    EXPECT_TRUE(inflater.between_blocks());
  }
}

TEST(Deflate, pieces_of_one_stream_refer_to_those_before) {
  Deflater deflater({});
  Inflater inflater;
  std::mt19937 random(2);
  auto const text = random_text(random, 1'000);
  auto const first = flushed(deflater, "", text), second = flushed(deflater, "", text);
  EXPECT_LT(second.size() * 10, first.size());
  EXPECT_EQ(inflated(inflater, first), text);
  EXPECT_EQ(inflated(inflater, second), text);

  deflater.reset();
  inflater.reset();
  EXPECT_EQ(flushed(deflater, "", text), first);
  EXPECT_EQ(inflated(inflater, first), text);
  inflater.reset();
  EXPECT_EQ(inflated(inflater, second), std::nullopt) << "refers to what is forgotten";
}

TEST(Deflate, says_when_a_piece_does_not_fit) {
  std::mt19937 random(3);
  auto const text = random_text(random, 1'000);
  Deflater deflater({});
  auto const wire = flushed(deflater, "", text);
  for (std::size_t room = 0; room <= wire.size(); ++room) {
    deflater.reset();
    std::vector<char> out(room);
    EXPECT_EQ(deflater.flush_into(out, "", text), std::nullopt) << room;
  }
  deflater.reset();
  std::vector<char> out(wire.size() + 1);
  EXPECT_EQ(deflater.flush_into(out, "", text), wire.size());
}

TEST(Deflate, whole_streams_are_read_by_whoever_reads_their_format) {
  std::string const text(10'000, 'x');
  std::pair<DeflateFormat, int> const formats[] = {
      {DeflateFormat::raw, -15}, {DeflateFormat::zlib, 15}, {DeflateFormat::gzip, 31}};
  for (auto const& [format, bits] : formats) {
    Deflater deflater({.format = format, .level = 9});
    for (int round = 0; round < 2; ++round) {
      auto wire = deflater.whole(text);
      ASSERT_TRUE(wire);
      z_stream stream{};
      ASSERT_EQ(inflateInit2(&stream, bits), Z_OK);
      std::string out(text.size() + 1, '\0');
      stream.next_in = reinterpret_cast<Bytef*>(wire->data());
      stream.avail_in = static_cast<uInt>(wire->size());
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
      EXPECT_EQ(stream.total_out, text.size());
      inflateEnd(&stream);
    }
  }
}

TEST(Inflate, goes_on_behind_a_block_that_says_it_is_the_last) {
  // RFC 7692, 7.2.3.5: "Hello" in a last block, and behind it the empty one.
  Inflater inflater;
  EXPECT_EQ(inflated(inflater, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00\x00\x00\xff\xff"s), "Hello");
  EXPECT_TRUE(inflater.between_blocks());
  // What was before it is still the window: the second message of 7.2.3.2.
  EXPECT_EQ(inflated(inflater, "\xf2\x00\x11\x00\x00\x00\x00\xff\xff"s), "Hello");
  EXPECT_TRUE(inflater.between_blocks());
}

TEST(Inflate, tells_what_is_malformed_and_what_is_not_all) {
  Inflater inflater;
  EXPECT_EQ(inflated(inflater, "\xff\xff\xff"s), std::nullopt);
  inflater.reset();
  auto const wire = "\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff"s;
  for (std::size_t size = 1; size + 1 < wire.size(); ++size) {
    inflater.reset();
    ASSERT_TRUE(inflated(inflater, wire.substr(0, size)));
    EXPECT_FALSE(inflater.between_blocks()) << size;
  }
}

TEST(Inflate, gives_the_same_however_it_is_cut) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    auto const text = random_text(random, random() % 3'000);
    Deflater deflater({.level = 1 + static_cast<int>(random() % 9)});
    auto wire = flushed(deflater, "", text);
    if (round % 2 == 0) wire[random() % wire.size()] ^= static_cast<char>(1u << random() % 8);
    Inflater whole, pieces;
    auto const expected = inflated(whole, wire);
    std::optional<std::string> got = "";
    for (Bytes rest = wire; !rest.empty() && got;) {
      Bytes const piece = rest.substr(0, 1 + random() % 50);
      rest.remove_prefix(piece.size());
      std::vector<char> const exact(piece.begin(), piece.end());
      auto const more = inflated(pieces, {exact.data(), exact.size()}, 1 + random() % 64);
      got = more ? std::optional(*got + *more) : std::nullopt;
    }
    ASSERT_EQ(got, expected) << round;
  }
}

TEST(Deflate, a_window_of_nine_bits_suits_who_has_one_of_eight) {
  // zlib does not refer further back than 262 bytes less than its window: 250, and 256 is what eight bits are.
  std::mt19937 random(5);
  std::string text;
  for (int i = 0; i < 200; ++i) text += random_text(random, 200 + random() % 120) + "the same words again";
  Deflater deflater({.level = 9, .window_bits = deflate_window_bits_min});
  auto const wire = flushed(deflater, "", text);
  ASSERT_LT(wire.size(), text.size());
  Inflater inflater(8);
  EXPECT_EQ(inflated(inflater, wire, 1), text);
}

}  // namespace
}  // namespace chorus
