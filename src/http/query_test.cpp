#include "http/query.hpp"

#include <gtest/gtest.h>

namespace chorus::http {
namespace {

TEST(Query, decodes_parameters_in_their_order) {
  Query const query("EIO=4&transport=polling&na%20me=a+b%2B%c3%bc&flag&=x&a==b");
  std::vector<Query::Parameter> const expected = {
      {"EIO", "4"}, {"transport", "polling"}, {"na me", "a b+\xc3\xbc"}, {"flag", ""}, {"", "x"}, {"a", "=b"}};
  EXPECT_EQ(std::vector(query.begin(), query.end()), expected);
  EXPECT_EQ(query.get("EIO"), "4");
  EXPECT_EQ(query.get("flag"), "");
  EXPECT_EQ(query.get("sid"), std::nullopt);
  EXPECT_TRUE(query.contains("transport"));
}

TEST(Query, takes_the_first_of_repeated_parameters) {
  Query const query("sid=1&sid=2");
  EXPECT_EQ(query.get("sid"), "1");
  EXPECT_EQ(query.size(), 2u);
}

TEST(Query, skips_empty_pairs) {
  EXPECT_TRUE(Query("").empty());
  EXPECT_TRUE(Query("&&&").empty());
  EXPECT_EQ(Query("&a=1&&b=2&").size(), 2u);
}

TEST(Query, leaves_malformed_escapes_as_text) {
  EXPECT_EQ(Query("a=%").get("a"), "%");
  EXPECT_EQ(Query("a=%4").get("a"), "%4");
  EXPECT_EQ(Query("a=%zz%41").get("a"), "%zzA");
  EXPECT_EQ(Query("a=100%+b").get("a"), "100% b");
}

TEST(Query, is_always_utf8) {
  EXPECT_EQ(Query("a=x%ffy").get("a"), "x\xef\xbf\xbdy");
  EXPECT_EQ(Query("a=%f0%9f%98%80").get("a"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(Query("%c3=1").get("\xef\xbf\xbd"), "1");
}

TEST(Query, ignores_what_follows_the_hundredth_parameter) {
  std::string text;
  for (int i = 0; i < 150; ++i) text += "p" + std::to_string(i) + "=1&";
  Query const query(text);
  EXPECT_EQ(query.size(), query_parameters_max);
  EXPECT_TRUE(query.contains("p99"));
  EXPECT_FALSE(query.contains("p100"));
}

TEST(PercentDecodePath, decodes_or_refuses) {
  EXPECT_EQ(percent_decode_path("/a%20b+c/%C3%bc"), "/a b+c/\xc3\xbc");
  EXPECT_EQ(percent_decode_path("/a%2"), std::nullopt);
  EXPECT_EQ(percent_decode_path("/a%zz"), std::nullopt);
  EXPECT_EQ(percent_decode_path("/a%00.html"), std::nullopt);
  EXPECT_EQ(percent_decode_path(Bytes("/a\0b", 4)), std::nullopt);
}

}  // namespace
}  // namespace chorus::http
