#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace chorus {
namespace {

constexpr char const* good[] = {"",
                                "plain",
                                "Ä ä Ü ü ß",
                                "てすと",
                                "пойду спать",
                                "\xf0\x9f\x98\x80",
                                "\xed\x9f\xbf",
                                "\xee\x80\x80",
                                "\xf4\x8f\xbf\xbf",
                                "eight chars and then ü"};
constexpr char const* bad[] = {"\x80",         "\xc0\xaf",         "\xc1\xbf",         "\xe0\x9f\xbf",
                               "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                               "\xff",         "abc\xc3(",         "\xe2\x28\xa1",     "12345678\xfe"};
constexpr char const* cut[] = {"\xc3", "\xe2\x82", "\xf0\x9f\x98", "abc\xe2"};

TEST(Utf8, accepts_every_valid_form) {
  for (auto text : good) EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_stray_bytes) {
  for (auto text : bad) EXPECT_FALSE(is_utf8(text)) << printable(text);
}

TEST(Utf8, a_cut_character_is_no_error_yet_but_not_complete) {
  for (auto text : cut) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.accept(text));
    EXPECT_FALSE(validator.complete());
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, pieces_of_one_byte_give_the_same_answer) {
  auto bytewise = [](Bytes text) {
    Utf8Validator validator;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (!validator.accept(text.substr(i, 1))) return false;
    return validator.complete();
  };
  for (auto text : good) EXPECT_TRUE(bytewise(text)) << text;
  for (auto text : bad) EXPECT_FALSE(bytewise(text)) << printable(text);
  for (auto text : cut) EXPECT_FALSE(bytewise(text)) << printable(text);
}

TEST(Utf8, is_counted_in_utf16_as_javascript_does) {
  EXPECT_EQ(utf16_size(""), 0U);
  EXPECT_EQ(utf16_size("a€é"), 3U);
  EXPECT_EQ(utf16_size("a\xf0\x9f\x98\x80"), 3U);
}

TEST(Utf8, is_cut_where_utf16_units_end) {
  constexpr Bytes text = "a€\xf0\x9f\x98\x80z";
  EXPECT_EQ(utf16_prefix(text, 0), 0U);
  EXPECT_EQ(utf16_prefix(text, 1), 1U);
  EXPECT_EQ(utf16_prefix(text, 2), 4U);
  EXPECT_EQ(utf16_prefix(text, 3), std::nullopt) << "in the middle of a character";
  EXPECT_EQ(utf16_prefix(text, 4), 8U);
  EXPECT_EQ(utf16_prefix(text, 5), 9U);
  EXPECT_EQ(utf16_prefix(text, 6), std::nullopt);
  EXPECT_EQ(utf16_prefix("", 0), 0U);
}

}  // namespace
}  // namespace chorus
