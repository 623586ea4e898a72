#include "websocket/message_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "websocket/test_support.hpp"

namespace chorus::websocket {
namespace {

using namespace std::string_literals;

TEST(MessageReader, reads_the_masked_vectors_of_rfc_6455_section_5_7) {
  EXPECT_EQ(checked_outcome("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s), Lines{"text:Hello"});
  EXPECT_EQ(checked_outcome("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s), Lines{"pong:Hello"});
}

TEST(MessageReader, reads_all_kinds_of_frames_one_after_another) {
  auto const wire = masked(0x81, "2probe") + masked(0x82, "\x00\xff"s) + masked(0x89, "p") + masked(0x8a, "") +
                    masked(0x81, "") +
                    masked(0x88,
                           "\x03\xe8"
                           "bye");
  EXPECT_EQ(checked_outcome(wire),
            (Lines{"text:2probe", "binary:\x00\xff"s, "ping:p", "pong:", "text:", "close:1000/bye"}));
}

TEST(MessageReader, reads_every_form_of_the_length) {
  for (std::size_t size : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 70000u}) {
    std::string const payload(size, 'x');
    EXPECT_EQ(checked_outcome(masked(0x82, payload)), Lines{"binary:" + payload}) << size;
  }
}

TEST(MessageReader, joins_fragments_around_control_frames) {
  auto const wire = masked(0x01, "Hel") + masked(0x89, "now") + masked(0x00, "") + masked(0x8a, "") +
                    masked(0x80, "lo") + masked(0x81, "next");
  EXPECT_EQ(checked_outcome(wire), (Lines{"ping:now", "pong:", "text:Hello", "text:next"}));
  EXPECT_EQ(checked_outcome(masked(0x02, "\xff") + masked(0x80, "\xfe")), Lines{"binary:\xff\xfe"});
}

TEST(MessageReader, a_close_frame_between_fragments_ends_everything) {
  EXPECT_EQ(checked_outcome(masked(0x01, "Hel") + masked(0x88, "") + masked(0x80, "lo")), Lines{"close:"});
}

TEST(MessageReader, refuses_what_the_protocol_forbids) {
  std::pair<char const*, std::string> const table[] = {
      {"not masked", "\x81\x05Hello"},
      {"RSV1", masked(0xc1, "x")},
      {"RSV2", masked(0xa1, "x")},
      {"RSV3", masked(0x91, "x")},
      {"RSV1 on a control frame", masked(0xc9, "x")},
      {"opcode 3", masked(0x83, "x")},
      {"opcode 7", masked(0x87, "x")},
      {"opcode 11", masked(0x8b, "x")},
      {"opcode 15", masked(0x8f, "x")},
      {"continuation of nothing", masked(0x80, "x")},
      {"first fragment of nothing", masked(0x00, "x")},
      {"new message inside a fragmented one", masked(0x01, "") + masked(0x81, "")},
      {"new fragmented message inside a fragmented one", masked(0x02, "") + masked(0x02, "")},
      {"fragmented ping", masked(0x09, "x")},
      {"long ping", masked(0x89, std::string(126, 'x'))},
      {"long close", masked(0x88, "\x03\xe8" + std::string(124, 'x'))},
      {"125 in 16 bits", "\x82\xfe\x00\x7d"s},
      {"65535 in 64 bits", "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff"s},
      {"highest bit of 64", "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00"s},
      {"close of one byte", masked(0x88, "\x03")},
  };
  for (auto const& [name, wire] : table) {
    EXPECT_EQ(checked_outcome(wire), Lines{"fault 1002"}) << name;
  }
}

TEST(MessageReader, passes_what_came_before_a_fault_and_nothing_behind_it) {
  EXPECT_EQ(checked_outcome(masked(0x81, "one") + "\x81\x05Hello" + masked(0x81, "two")),
            (Lines{"text:one", "fault 1002"}));
}

TEST(MessageReader, accepts_the_close_codes_that_may_stand_on_the_wire) {
  auto const with_code = [](int code) {
    return masked(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code)});
  };
  for (int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    EXPECT_EQ(checked_outcome(with_code(code)), Lines{"close:" + std::to_string(code) + "/"});
  }
  for (int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_EQ(checked_outcome(with_code(code)), Lines{"fault 1002"}) << code;
  }
}

TEST(MessageReader, refuses_a_close_reason_that_is_no_utf8) {
  EXPECT_EQ(checked_outcome(masked(0x88, "\x03\xe8\xff")), Lines{"fault 1007"});
  EXPECT_EQ(checked_outcome(masked(0x88, "\x03\xe8\xc3")), Lines{"fault 1007"});
}

TEST(MessageReader, accepts_utf8_cut_between_fragments) {
  EXPECT_EQ(checked_outcome(masked(0x01, "\xe2\x82") + masked(0x89, "\xff") + masked(0x00, "") + masked(0x80, "\xac!")),
            (Lines{"ping:\xff", "text:\xe2\x82\xac!"}));
}

TEST(MessageReader, refuses_text_that_is_no_utf8) {
  std::pair<char const*, std::string> const table[] = {
      {"stray byte", masked(0x81,
                            "abc\xff"
                            "def")},
      {"late in a long text", masked(0x81, std::string(300, 'x') + "\xc0\xaf")},
      {"surrogate", masked(0x81, "\xed\xa0\x80")},
      {"cut at the end", masked(0x81, "abc\xe2\x82")},
      {"cut at the end of fragments", masked(0x01, "abc\xe2") + masked(0x80, "\x82")},
      {"ASCII in the middle of a character", masked(0x01, "abc\xe2") + masked(0x80, "plain")},
      {"second fragment", masked(0x01, "abc") + masked(0x00, "\xff") + masked(0x80, "")},
  };
  for (auto const& [name, wire] : table) EXPECT_EQ(checked_outcome(wire), Lines{"fault 1007"}) << name;
}

TEST(MessageReader, binary_may_hold_any_bytes) {
  EXPECT_EQ(checked_outcome(masked(0x82, "\xff\xc0\xaf")), Lines{"binary:\xff\xc0\xaf"});
}

TEST(MessageReader, reports_bad_text_before_the_frame_is_complete) {
  auto const frame = masked(0x81, "abc\xff" + std::string(1000, 'x'));
  EXPECT_EQ(checked_outcome(frame.substr(0, 8 + 4)), Lines{"fault 1007"});
  EXPECT_EQ(checked_outcome(frame.substr(0, 8 + 3)), Lines{});
}

TEST(MessageReader, refuses_a_message_above_the_limit_as_soon_as_it_is_declared) {
  Reading const limits{.limits = {.message_bytes_max = 200}};
  EXPECT_EQ(checked_outcome(masked(0x82, std::string(200, 'x')), limits), Lines{"binary:" + std::string(200, 'x')});
  EXPECT_EQ(checked_outcome(masked(0x82, std::string(201, 'x')).substr(0, 4), limits), Lines{"fault 1009"});
  EXPECT_EQ(checked_outcome("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s, limits), Lines{"fault 1009"});
  auto const fragments = masked(0x02, std::string(100, 'x')) + masked(0x00, std::string(100, 'x'));
  EXPECT_EQ(checked_outcome(fragments + masked(0x80, ""), limits), Lines{"binary:" + std::string(200, 'x')});
  EXPECT_EQ(checked_outcome(fragments + masked(0x80, "x").substr(0, 2), limits), Lines{"fault 1009"});
}

TEST(MessageReader, control_frames_do_not_count_for_the_limit) {
  EXPECT_EQ(checked_outcome(masked(0x01, "ab") + masked(0x89, "ping") + masked(0x80, "c"),
                            {.limits = {.message_bytes_max = 3}}),
            (Lines{"ping:ping", "text:abc"}));
}

TEST(MessageReader, stops_when_the_sink_says_so) {
  for (bool cut : {false, true}) {
    MessageReader reader;
    Notes notes;
    notes.stop_after = 1;
    auto wire = masked(0x81, "one") + masked(0x81, "two");
    if (cut) {
      EXPECT_TRUE(reader.feed({wire.data(), 5}, notes));
      EXPECT_TRUE(reader.feed({wire.data() + 5, wire.size() - 5}, notes));
    } else {
      EXPECT_TRUE(reader.feed(wire, notes));
    }
    EXPECT_TRUE(reader.finished());
    auto more = masked(0x81, "three");
    EXPECT_TRUE(reader.feed(more, notes));
    EXPECT_EQ(notes.lines, Lines{"text:one"});
  }
}

TEST(MessageReader, keeps_nothing_between_messages) {
  MessageReader reader;
  Notes notes;
  auto wire = masked(0x81, std::string(1000, 'x'));
  EXPECT_TRUE(reader.feed({wire.data(), 500}, notes));
  EXPECT_TRUE(reader.in_message());
  EXPECT_TRUE(reader.feed({wire.data() + 500, wire.size() - 500}, notes));
  EXPECT_FALSE(reader.in_message());
  EXPECT_EQ(notes.lines.size(), 1u);
}

TEST(MessageReader, passes_a_whole_message_where_it_lies) {
  struct Places : Notes {
    bool on_text(Bytes message) override {
      place = message.data();
      return true;
    }
    char const* place = nullptr;
  } places;
  MessageReader reader;
  auto wire = masked(0x81, "here");
  EXPECT_TRUE(reader.feed(wire, places));
  EXPECT_EQ(places.place, wire.data() + 6);
}

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : 'a' + random() % 26);
  return bytes;
}

/// Frames that are mostly right, so that the fault, if any, comes late.
std::string random_wire(std::mt19937& random) {
  constexpr unsigned first_bytes[] = {0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a, 0x88, 0xc1};
  constexpr char const* texts[] = {"plain", "gr\xc3\xbc\xc3\x9f", "", "\xf0\x9f\x98", "\x80", "\x03\xe8 bye"};
  std::string wire;
  bool open = false;
  for (unsigned i = 0, n = random() % 12; i < n; ++i) {
    unsigned first = first_bytes[random() % (random() % 8 == 0 ? 10 : 8)];
    if (first < 0x88 && random() % 16 != 0) {
      bool const continues = (first & 0xf) == 0;
      if (continues != open) first = (first & 0x80) | (open ? 0 : 1 + random() % 2);
      open = (first & 0x80) == 0;
    }
    auto payload = random() % 4 == 0 ? random_bytes(random, random() % 300) : std::string(texts[random() % 6]);
    wire += masked(first, payload, random_bytes(random, 4));
  }
  return wire.substr(0, random() % 4 == 0 ? random() % (wire.size() + 1) : wire.size());
}

TEST(MessageReader, gives_the_same_outcome_however_the_bytes_are_cut) {
  std::mt19937 random(6455);
  for (int round = 0; round < 3000; ++round) {
    auto const wire = random_wire(random);
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; (at += 1 + random() % (1 + random() % 64)) < wire.size();) cuts.push_back(at);
    Reading const limits{.limits = {.message_bytes_max = random() % 2 == 0 ? 1000u : 20u}};
    ASSERT_EQ(outcome(wire, cuts, limits), outcome(wire, {}, limits)) << "round " << round;
  }
}

}  // namespace
}  // namespace chorus::websocket
