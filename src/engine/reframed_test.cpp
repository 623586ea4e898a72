#include "engine/reframed.hpp"

#include <gtest/gtest.h>

#include <array>

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
