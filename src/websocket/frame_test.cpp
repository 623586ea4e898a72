#include "websocket/frame.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace chorus::websocket {
namespace {

using namespace std::string_literals;

std::uint32_t key_of(Bytes four) {
  std::uint32_t key;
  std::memcpy(&key, four.data(), 4);
  return key;
}

std::string frame_of(Opcode opcode, Bytes payload) {
  std::string frame;
  append_frame(frame, opcode, payload);
  return frame;
}

TEST(Frame, writes_the_unmasked_vectors_of_rfc_6455_section_5_7) {
  EXPECT_EQ(frame_of(Opcode::text, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(frame_of(Opcode::ping, "Hello"), "\x89\x05Hello");
  EXPECT_EQ(frame_of(Opcode::binary, std::string(256, 'x')).substr(0, 4), "\x82\x7e\x01\x00"s);
  EXPECT_EQ(frame_of(Opcode::binary, std::string(65536, 'x')).substr(0, 10),
            "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(Frame, uses_the_shortest_form_of_the_length) {
  EXPECT_EQ(frame_of(Opcode::text, std::string(125, 'x')).size(), 127u);
  EXPECT_EQ(frame_of(Opcode::text, std::string(126, 'x')).size(), 130u);
  EXPECT_EQ(frame_of(Opcode::text, std::string(65535, 'x')).size(), 65539u);
  EXPECT_EQ(frame_of(Opcode::text, std::string(65536, 'x')).size(), 65546u);
  char header[frame_header_max];
  EXPECT_EQ(write_frame_header(header, Opcode::binary, 0x0102030405060708u), 10u);
  EXPECT_EQ(Bytes(header, 10), "\x82\x7f\x01\x02\x03\x04\x05\x06\x07\x08"s);
}

TEST(Frame, writes_close_frames_with_code_and_reason) {
  EXPECT_EQ(close_frame(CloseCode::normal), "\x88\x02\x03\xe8");
  EXPECT_EQ(close_frame(1009, "big"),
            "\x88\x05\x03\xf1"
            "big");
}

TEST(Frame, cuts_a_long_close_reason_between_characters) {
  EXPECT_EQ(close_frame(1000, std::string(200, 'r')).size(), 2u + 125u);
  auto const frame = close_frame(1000, std::string(122, 'r') + "\xc3\xbc");
  EXPECT_EQ(frame, "\x88\x7c\x03\xe8" + std::string(122, 'r'));
}

TEST(Unmask, gives_the_vector_of_rfc_6455_section_5_7) {
  std::string text = "\x7f\x9f\x4d\x51\x58";
  EXPECT_TRUE(unmask(text.data(), text.size(), key_of("\x37\xfa\x21\x3d")));
  EXPECT_EQ(text, "Hello");
}

TEST(Unmask, agrees_with_the_definition_for_every_size_alignment_and_offset) {
  constexpr Bytes key = "\x37\xfa\x21\x3d";
  for (std::size_t size = 0; size < 100; ++size) {
    for (std::size_t shift = 0; shift < 9; ++shift) {
      for (std::size_t offset = 0; offset < 6; ++offset) {
        std::string memory(shift + size + 8, 'g');
        std::string expected = memory;
        for (std::size_t i = 0; i < size; ++i) {
          memory[shift + i] = static_cast<char>(i * 7);
          expected[shift + i] = static_cast<char>(memory[shift + i] ^ key[(offset + i) % 4]);
        }
        unmask(memory.data() + shift, size, key_of(key), offset);
        ASSERT_EQ(memory, expected) << size << ' ' << shift << ' ' << offset;
      }
    }
  }
}

TEST(Unmask, tells_ascii_from_other_text_at_every_place) {
  for (std::size_t size = 1; size < 80; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, '\x01');
      EXPECT_TRUE(unmask(text.data(), size, key_of("\x11\x22\x33\x44")));
      text.assign(size, '\x01');
      text[at] = static_cast<char>(text[at] ^ 0x80);
      EXPECT_FALSE(unmask(text.data(), size, key_of("\x11\x22\x33\x44"))) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace chorus::websocket
