#include "app/recipient.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

std::optional<Recipient> read(std::string_view json) { return read_recipient(ArgView(json)); }

TEST(Recipient, is_everybody_when_nobody_is_named) {
  EXPECT_EQ(read(""), Recipient(Everybody{}));
  EXPECT_EQ(read("null"), Recipient(Everybody{}));
  EXPECT_EQ(read(R"("everybody")"), Recipient(Everybody{}));
}

TEST(Recipient, is_a_room_or_a_user) {
  EXPECT_EQ(read(R"({"room":"kitchen"})"), Recipient(ToRoom{"kitchen"}));
  EXPECT_EQ(read(R"({"user":"ada"})"), Recipient(ToUser{"ada"}));
}

TEST(Recipient, is_nothing_in_any_other_form) {
  for (auto const* json : {R"("all")", "7", "true", "[]", "{}", R"({"room":7})", R"({"room":""})", R"({"user":""})",
                           R"({"room":"a","user":"b"})"})
    EXPECT_EQ(read(json), std::nullopt) << json;
}

TEST(Recipient, has_a_name_of_bounded_length_counted_in_characters) {
  std::string umlauts;
  for (int i = 0; i < 64; ++i) umlauts += "ü";
  EXPECT_TRUE(read(R"({"room":")" + umlauts + R"("})"));
  EXPECT_FALSE(read(R"({"room":")" + umlauts + R"(ü"})"));
  EXPECT_TRUE(read(R"({"user":")" + std::string(128, 'u') + R"("})"));
  EXPECT_FALSE(read(R"({"user":")" + std::string(129, 'u') + R"("})"));
}

TEST(Recipient, travels_as_it_came) {
  EXPECT_EQ(encode_args(Recipient(Everybody{})).text(), R"("everybody")");
  EXPECT_EQ(encode_args(Recipient(ToRoom{"a\"b"})).text(), R"({"room":"a\"b"})");
  EXPECT_EQ(encode_args(Recipient(ToUser{"ada"})).text(), R"({"user":"ada"})");
}

}  // namespace
}  // namespace chorus::app
