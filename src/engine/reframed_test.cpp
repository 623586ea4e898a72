#include "engine/reframed.hpp"

#include <gtest/gtest.h>

#include <array>

#include "websocket/message_deflater.hpp"

namespace chorus::engine {
namespace {

using namespace std::string_literals;

std::array<Bytes, 2> const two_attachments{"\x01\x02", ""};

TEST(Reframed, puts_the_type_before_binary) {
  Reframed reframed;
  auto const message = SharedMessage::make("51-", two_attachments);
  EXPECT_EQ(*reframed.frames(message, BinaryForm::bytes),
            "\x81\x04"s + "451-" + "\x82\x03\x04\x01\x02" + "\x82\x01\x04");
  EXPECT_EQ(*reframed.frames(message, BinaryForm::base64),
            "\x81\x04"s + "451-" + "\x81\x06" + "b4AQI=" + "\x81\x02" + "b4");
  auto const alone = SharedMessage::make_binary("\x01");
  EXPECT_EQ(*reframed.frames(alone, BinaryForm::bytes), "\x82\x02\x04\x01");
}

TEST(Reframed, frames_a_message_once_for_all_of_a_form) {
  Reframed reframed;
  auto const message = SharedMessage::make("51-", two_attachments);
  auto const first = reframed.frames(message, BinaryForm::bytes);
  reframed.frames(message, BinaryForm::base64);
  EXPECT_EQ(reframed.frames(message, BinaryForm::bytes), first);
  reframed.frames(SharedMessage::make("52-", two_attachments), BinaryForm::bytes);
  EXPECT_NE(reframed.frames(message, BinaryForm::bytes), first);
}

TEST(Reframed, deflates_a_message_once_for_all_of_a_form) {
  websocket::DeflateCounters counters;
  websocket::MessageDeflater deflater({.threshold = 100}, 15, websocket::Context::none, counters);
  Reframed reframed;
  std::string const large(1'000, 'x');
  std::array<Bytes, 2> const attachments{large, "small"};
  auto const message = SharedMessage::make("52-", attachments);
  auto const first = reframed.deflated_frames(message, BinaryForm::bytes, deflater);
  EXPECT_EQ(first->substr(0, 7),
            "\x81\x04"
            "452-"
            "\xc2");
  EXPECT_EQ(first->substr(first->size() - 8),
            "\x82\x06\x04"
            "small");
  EXPECT_EQ(reframed.deflated_frames(message, BinaryForm::bytes, deflater), first);
  EXPECT_EQ(counters.messages.get(), 1U);
  EXPECT_GT(reframed.frames(message, BinaryForm::bytes)->size(), large.size()) << "the plain ones are others";

  std::string own;
  append_deflated_frames(own, *message, BinaryForm::bytes, deflater);
  EXPECT_EQ(own, *first);
  EXPECT_EQ(reframed.deflated_frames(message, BinaryForm::base64, deflater)->substr(6, 1), "\xc1");
}

TEST(Reframed, keeps_no_message_that_nobody_else_has_once_it_is_cleared) {
  Reframed reframed;
  auto message = SharedMessage::make("51-", two_attachments);
  std::weak_ptr<SharedMessage const> const watched = message;
  reframed.frames(message, BinaryForm::bytes);
  message.reset();
  EXPECT_FALSE(watched.expired());
  reframed.clear();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace chorus::engine
