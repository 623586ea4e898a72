// Deflated messages in both directions: the vectors of RFC 7692, and what a hostile client makes of them.
#include "websocket/message_deflater.hpp"

#include <gtest/gtest.h>

#include <random>

#include "websocket/test_support.hpp"

namespace chorus::websocket {
namespace {

using namespace std::string_literals;

constexpr Reading without_context{.deflate = Context::none};
constexpr Reading with_context{.deflate = Context::taken_over};

/// First bytes of frames: deflated text and binary, their beginnings, and an end.
constexpr unsigned text = 0xc1, binary = 0xc2, text_begins = 0x41, continues = 0x00, ends = 0x80;

auto const hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;

Lines fault(CloseCode code) { return {"fault " + std::to_string(static_cast<int>(code))}; }

std::string random_text(std::mt19937& random, std::size_t size) {
  std::string result(size, '\0');
  for (char& c : result) c = static_cast<char>('a' + random() % 8);
  return result;
}

struct Writer {
  explicit Writer(int window_bits = deflate_window_bits_max, Context context = Context::none, std::size_t threshold = 1)
      : deflater({.enabled = true, .threshold = threshold, .level = 6}, window_bits, context, counters) {}

  std::string frame(Bytes payload, Bytes prefix = {}, Opcode opcode = Opcode::text) {
    std::string out = "before";
    deflater.append_frame(out, opcode, prefix, payload);
    EXPECT_EQ(out.substr(0, 6), "before");
    return out.substr(6);
  }

  DeflateCounters counters;
  MessageDeflater deflater;
};

/// A server's frame as a client would have sent it.
std::string from_client(std::string const& frame) {
  std::size_t const length = static_cast<unsigned char>(frame[1]);
  return masked(static_cast<unsigned char>(frame[0]), Bytes(frame).substr(length == 127 ? 10 : length == 126 ? 4 : 2));
}

TEST(DeflatedMessages, are_read_as_in_the_examples_of_rfc_7692) {
  Lines const one{"text:Hello"};
  EXPECT_EQ(checked_outcome(masked(text, hello), without_context), one) << "7.2.3.1";
  EXPECT_EQ(checked_outcome(masked(text_begins, hello.substr(0, 3)) + masked(ends, hello.substr(3)), without_context),
            one)
      << "7.2.3.1, in fragments";
  EXPECT_EQ(checked_outcome(masked(text, hello) + masked(text, hello), with_context),
            (Lines{"text:Hello", "text:Hello"}))
      << "7.2.3.2, without its use";
  EXPECT_EQ(checked_outcome(masked(text, hello) + masked(text, "\xf2\x00\x11\x00\x00"s), with_context),
            (Lines{"text:Hello", "text:Hello"}))
      << "7.2.3.2";
  EXPECT_EQ(checked_outcome(masked(text, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s), without_context), one)
      << "7.2.3.3";
  EXPECT_EQ(checked_outcome(masked(text, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), without_context), one) << "7.2.3.4";
  EXPECT_EQ(checked_outcome(masked(text, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s), without_context),
            one)
      << "7.2.3.5";
  EXPECT_EQ(checked_outcome(masked(binary, "\x00"s), without_context), Lines{"binary:"}) << "7.2.3.6";
}

TEST(DeflatedMessages, are_written_as_one_frame_without_the_empty_block_at_the_end) {
  std::string const words(30, 'a');
  Writer writer;
  EXPECT_EQ(writer.frame(words), "\xc1\x06\x4a\x4c\xc4\x07\x00\x00"s);
  EXPECT_EQ(writer.frame(words, {}, Opcode::binary), "\xc2\x06\x4a\x4c\xc4\x07\x00\x00"s);
  EXPECT_EQ(writer.frame(words.substr(1), "a"), "\xc1\x06\x4a\x4c\xc4\x07\x00\x00"s) << "a prefix belongs to it";
  EXPECT_EQ(writer.counters.messages.get(), 3u);
  EXPECT_EQ(writer.counters.bytes_saved.get(), 90u - 18u);
}

TEST(DeflatedMessages, are_those_that_reach_the_threshold_and_become_smaller) {
  Writer writer(deflate_window_bits_max, Context::none, 100);
  EXPECT_EQ(writer.frame(std::string(98, 'a'), "4"), "\x81\x63" + "4"s + std::string(98, 'a'));
  EXPECT_EQ(writer.counters.messages.get(), 0u);
  EXPECT_EQ(writer.frame(std::string(99, 'a'), "4").front(), '\xc1');
  std::mt19937 random(1);
  std::string noise(1'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  EXPECT_EQ(writer.frame(noise, {}, Opcode::binary), "\x82\x7e\x03\xe8" + noise);
  EXPECT_EQ(writer.counters.messages.get(), 2u);
  EXPECT_LT(writer.counters.bytes_saved.get(), 100u) << "by the first of these two";
}

TEST(DeflatedMessages, may_be_empty_and_are_then_written_as_they_are) {
  Writer writer(deflate_window_bits_max, Context::taken_over, 0);
  EXPECT_EQ(writer.frame(""), "\x81\x00"s);
  EXPECT_EQ(writer.frame("", {}, Opcode::binary), "\x82\x00"s);
}

TEST(DeflatedMessages, arrive_as_they_were_sent_with_every_window_and_context) {
  std::mt19937 random(7692);
  for (int bits = 8; bits <= 15; ++bits) {
    for (auto const context : {Context::none, Context::taken_over}) {
      Writer writer(bits, context);
      std::string wire;
      Lines expected;
      for (std::size_t const size : {1u, 60u, 126u, 500u, 3'000u, 70'000u, 40u, 40u}) {
        auto const message = random() % 4 == 0 ? std::string(size, 'x') : random_text(random, size);
        wire += from_client(writer.frame(message));
        expected.push_back("text:" + message);
      }
      EXPECT_EQ(outcome(wire, {10, 11, 100}, {.deflate = context}), expected) << bits;
    }
  }
}

TEST(DeflatedMessages, refer_to_those_before_only_where_context_is_taken_over) {
  std::mt19937 random(2);
  auto const message = random_text(random, 500);
  Writer alone, in_context(deflate_window_bits_max, Context::taken_over);
  EXPECT_EQ(alone.frame(message), alone.frame(message));
  auto const first = in_context.frame(message), second = in_context.frame(message);
  EXPECT_LT(second.size() * 10, first.size());
  EXPECT_EQ(outcome(from_client(first) + from_client(second), {}, with_context),
            (Lines{"text:" + message, "text:" + message}));
  EXPECT_EQ(outcome(from_client(first) + from_client(second), {}, without_context),
            (Lines{"text:" + message, "fault 1007"}));
}

TEST(DeflatedMessages, refer_to_nothing_that_was_not_sent_deflated) {
  std::mt19937 random(3);
  std::string noise(300, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  Writer writer(deflate_window_bits_max, Context::taken_over);
  auto const first = random_text(random, 500), last = noise + noise;
  auto wire = from_client(writer.frame(first));
  wire += from_client(writer.frame(noise, {}, Opcode::binary));
  wire += from_client(writer.frame(last, {}, Opcode::binary));
  EXPECT_EQ(outcome(wire, {}, with_context), (Lines{"text:" + first, "binary:" + noise, "binary:" + last}));
}

TEST(DeflatedMessages, begin_with_the_bit_and_only_with_it) {
  EXPECT_EQ(checked_outcome(masked(text, hello)), fault(CloseCode::protocol_error)) << "not agreed on";
  EXPECT_EQ(checked_outcome(masked(text_begins, hello.substr(0, 3)) + masked(0xc0, hello.substr(3)), without_context),
            fault(CloseCode::protocol_error))
      << "on a continuation";
  for (unsigned const control : {0xc8u, 0xc9u, 0xcau})
    EXPECT_EQ(checked_outcome(masked(control, ""), without_context), fault(CloseCode::protocol_error)) << control;
  for (unsigned const other_bits : {0xa1u, 0x91u, 0xe1u})
    EXPECT_EQ(checked_outcome(masked(other_bits, hello), without_context), fault(CloseCode::protocol_error));
  EXPECT_EQ(checked_outcome(masked(0x81, "Hello") + masked(text, hello) + masked(0x82, "x"), without_context),
            (Lines{"text:Hello", "text:Hello", "binary:x"}))
      << "others may be as they are";
}

TEST(DeflatedMessages, let_control_frames_between_their_fragments) {
  auto const wire = masked(text_begins, hello.substr(0, 1)) + masked(0x89, "now") + masked(continues, "") +
                    masked(continues, hello.substr(1, 2)) + masked(0x8a, "") + masked(ends, hello.substr(3)) +
                    masked(0x81, "next");
  EXPECT_EQ(checked_outcome(wire, without_context), (Lines{"ping:now", "pong:", "text:Hello", "text:next"}));
}

TEST(DeflatedMessages, that_are_broken_or_cut_end_with_1007) {
  std::mt19937 random(4);
  Writer writer;
  auto const message = random_text(random, 200);
  auto const whole = writer.frame(message);
  Bytes const deflated = Bytes(whole).substr(2);
  ASSERT_EQ(outcome(masked(text, deflated), {}, without_context), Lines{"text:" + message});
  for (std::size_t size = 0; size < deflated.size(); ++size)
    EXPECT_EQ(outcome(masked(text, deflated.substr(0, size)), {}, without_context), fault(CloseCode::invalid_payload))
        << size;
  EXPECT_EQ(checked_outcome(masked(binary, "\xff\xff\xff"), without_context), fault(CloseCode::invalid_payload));
  EXPECT_EQ(checked_outcome(masked(binary, "\xf2\x00\x11\x00\x00"s), with_context), fault(CloseCode::invalid_payload))
      << "refers to what there was not";
  // The last block of a stream, without the empty one that must follow (7.2.3.4).
  EXPECT_EQ(checked_outcome(masked(text, "\xf3\x48\xcd\xc9\xc9\x07\x00"s), without_context),
            fault(CloseCode::invalid_payload));
}

TEST(DeflatedMessages, that_are_no_utf8_end_with_1007) {
  Writer writer;
  auto const pad = std::string(40, 'x');
  for (Bytes const wrong : {"\xff", "\xed\xa0\x80", "\xc3", "\xf0\x9f\x98"}) {
    auto const deflated = from_client(writer.frame(pad + std::string(wrong)));
    EXPECT_EQ(checked_outcome(deflated, without_context), fault(CloseCode::invalid_payload));
    auto const as_binary = from_client(writer.frame(pad + std::string(wrong), {}, Opcode::binary));
    EXPECT_EQ(checked_outcome(as_binary, without_context), Lines{"binary:" + pad + std::string(wrong)});
  }
  auto const smile = pad + "\xf0\x9f\x98\x80";
  EXPECT_EQ(checked_outcome(from_client(writer.frame(smile)), without_context), Lines{"text:" + smile});
}

TEST(DeflatedMessages, are_limited_by_what_comes_of_them) {
  Writer writer;
  constexpr std::size_t limit = 100'000;
  Reading const reading{.limits = {.message_bytes_max = limit}, .deflate = Context::none};
  EXPECT_EQ(outcome(from_client(writer.frame(std::string(limit, 'x'))), {}, reading),
            Lines{"text:" + std::string(limit, 'x')});
  EXPECT_EQ(outcome(from_client(writer.frame(std::string(limit + 1, 'x'))), {}, reading), fault(CloseCode::too_big));
  auto const bomb = from_client(writer.frame(std::string(50'000'000, '\0')));
  ASSERT_LT(bomb.size(), limit);
  EXPECT_EQ(outcome(bomb, {}, reading), fault(CloseCode::too_big));
  EXPECT_EQ(outcome(bomb, {1, 5, 5'000}, reading), fault(CloseCode::too_big));
}

TEST(DeflatedMessages, are_limited_on_the_wire_too) {
  Reading const reading{.limits = {.message_bytes_max = 800}, .deflate = Context::none};
  // 800 bytes in blocks that are not compressed take a few more than that.
  std::string stored;
  for (int i = 0; i < 8; ++i) stored += "\x00\x64\x00\x9b\xff"s + std::string(100, 'x');
  EXPECT_EQ(checked_outcome(masked(text, stored + '\0'), reading), Lines{"text:" + std::string(800, 'x')});
  EXPECT_EQ(outcome(masked(text, std::string(deflated_bytes_max(800) + 1, 'x')).substr(0, 4), {}, reading),
            fault(CloseCode::too_big))
      << "as soon as declared";
  auto const half = std::string(deflated_bytes_max(800) / 2, '\0');
  EXPECT_EQ(
      outcome(masked(text_begins, half) + masked(continues, half) + masked(continues, "xx").substr(0, 2), {}, reading),
      fault(CloseCode::too_big))
      << "all fragments together";
  EXPECT_EQ(deflated_bytes_max(SIZE_MAX), SIZE_MAX);
}

TEST(DeflatedMessages, cost_no_more_than_their_bytes_when_they_are_nothing_but_blocks) {
  std::string empty_blocks;
  for (int i = 0; i < 20'000; ++i) empty_blocks += "\x00\x00\x00\xff\xff"s;
  EXPECT_EQ(outcome(masked(text, empty_blocks + '\0'), {}, with_context), Lines{"text:"});
  std::string last_blocks;
  for (int i = 0; i < 40'000; ++i) last_blocks += "\x03\x00"s;
  EXPECT_EQ(outcome(masked(text, last_blocks + '\0'), {}, with_context), Lines{"text:"});
}

TEST(DeflatedMessages, have_the_same_outcome_however_they_are_cut) {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    auto const context = random() % 2 == 0 ? Context::none : Context::taken_over;
    Writer writer(9 + static_cast<int>(random() % 7), context);
    std::string wire;
    for (auto left = random() % 6; left > 0; --left) {
      auto frame =
          writer.frame(random_text(random, random() % 300), "4", random() % 2 == 0 ? Opcode::text : Opcode::binary);
      if (random() % 8 == 0) frame.back() = static_cast<char>(random());
      wire += from_client(frame);
      if (random() % 4 == 0) wire += masked(0x89, "p");
    }
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; (at += 1 + random() % (1 + random() % 64)) < wire.size();) cuts.push_back(at);
    Reading const reading{.limits = {.message_bytes_max = random() % 2 == 0 ? 1'000u : 100u}, .deflate = context};
    ASSERT_EQ(outcome(wire, cuts, reading), outcome(wire, {}, reading)) << "round " << round;
  }
}

TEST(MessageInflater, keeps_no_memory_that_only_a_large_message_needs) {
  Writer writer;
  MessageInflater inflater;
  auto const large = writer.frame(std::string(1'000'000, 'x'));
  auto const message = inflater.inflate(Bytes(large).substr(4), Opcode::text, 1'000'000);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size(), 1'000'000u);
  inflater.release();
  EXPECT_EQ(inflater.inflate(hello, Opcode::text, 1'000'000).value(), "Hello");
}

}  // namespace
}  // namespace chorus::websocket
