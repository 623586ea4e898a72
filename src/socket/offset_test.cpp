#include "socket/offset.hpp"

#include <gtest/gtest.h>

#include "socket/packet_writer.hpp"

namespace chorus::socket {
namespace {

std::string text_of(std::uint64_t sequence) {
  auto const text = offset_text(sequence);
  return {text.data(), text.size()};
}

TEST(Offset, is_read_back_as_it_was_written) {
  for (std::uint64_t const sequence : {0ull, 1ull, 63ull, 64ull, 4'095ull, 123'456'789'012ull, (1ull << 54) - 1}) {
    EXPECT_EQ(text_of(sequence).size(), offset_size);
    EXPECT_EQ(sequence_of_offset(text_of(sequence)), sequence);
  }
  EXPECT_NE(text_of(1), text_of(2));
}

TEST(Offset, that_was_never_written_is_none) {
  for (std::string_view const text : {"", "bar", "AAAAAAAA", "AAAAAAAAAA", "AAAAAAAA ", "AAAA.AAAA", "AAAAAAA\xc3\xa4"})
    EXPECT_EQ(sequence_of_offset(text), std::nullopt) << text;
}

TEST(Offset, stands_behind_the_arguments_of_a_message_that_was_encoded_before) {
  for (std::string const arguments : {"", "1,\"two\"", R"("]")"}) {
    std::string packet;
    append_event(packet, "/fx", "hi", arguments, 1);
    auto const before = packet.substr(0, packet.size() - 1);
    append_offset_place(packet);
    Bytes const attachment = "bytes";
    auto const message = engine::SharedMessage::begin(packet, std::span(&attachment, 1));
    write_offset(*message, 77);
    EXPECT_EQ(message->text(), "4" + before + ",\"" + text_of(77) + "\"]");
    EXPECT_EQ(message->attachment(0), attachment);
  }
}

}  // namespace
}  // namespace chorus::socket
