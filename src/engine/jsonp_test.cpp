#include "engine/jsonp.hpp"

#include <gtest/gtest.h>

namespace chorus::engine {
namespace {

TEST(Jsonp, is_asked_for_by_an_index) {
  EXPECT_EQ(jsonp_index(http::Query("EIO=3&transport=polling")), std::nullopt);
  EXPECT_EQ(jsonp_index(http::Query("j=7")), 7U);
  EXPECT_EQ(jsonp_index(http::Query("j=1);alert(2")), 12U);
  EXPECT_EQ(jsonp_index(http::Query("j=")), 0U);
  EXPECT_EQ(jsonp_index(http::Query("j=123456789012")), 123'456'789U);
}

TEST(Jsonp, answers_with_a_call_that_javascript_can_read) {
  EXPECT_EQ(jsonp_answer(7, "1:3"), "___eio[7](\"1:3\");");
  EXPECT_EQ(jsonp_answer(0, "4:4\"\\\n"), "___eio[0](\"4:4\\\"\\\\\\n\");");
  EXPECT_EQ(jsonp_answer(0, "a\xe2\x80\xa8z\xe2\x80\xa9\xe2\x80\x94"), "___eio[0](\"a\\u2028z\\u2029\xe2\x80\x94\");");
}

TEST(Jsonp, brings_a_payload_in_a_form) {
  EXPECT_EQ(jsonp_payload("d=6%3A4hello"), "6:4hello");
  EXPECT_EQ(jsonp_payload("d=2%3A4%E2%82%AC&x=1"), "2:4€");
  EXPECT_EQ(jsonp_payload("d=3%3A4a%5Cn"), "3:4a\n");
  EXPECT_EQ(jsonp_payload("d=4%3A4a%5C%5Cn"), "4:4a\\n");
  EXPECT_EQ(jsonp_payload("d=a%5C%5C%5Cnb%5C"), "a\\\\nb\\");
}

TEST(Jsonp, without_a_field_brings_nothing) {
  EXPECT_EQ(jsonp_payload(""), "0:");
  EXPECT_EQ(jsonp_payload("6:4hello"), "0:");
}

}  // namespace
}  // namespace chorus::engine
