#include "engine/types.hpp"

#include <gtest/gtest.h>

namespace chorus::engine {
namespace {

TEST(CloseReason, has_the_words_of_the_reference) {
  EXPECT_EQ(to_string(CloseReason::transport_error), "transport error");
  EXPECT_EQ(to_string(CloseReason::transport_close), "transport close");
  EXPECT_EQ(to_string(CloseReason::forced_close), "forced close");
  EXPECT_EQ(to_string(CloseReason::ping_timeout), "ping timeout");
  EXPECT_EQ(to_string(CloseReason::parse_error), "parse error");
  EXPECT_EQ(to_string(CloseReason::server_shutting_down), "server shutting down");
}

TEST(ContentType, is_the_header_value_of_the_reference) {
  EXPECT_EQ(to_string(HttpAnswer::ContentType::none), "");
  EXPECT_EQ(to_string(HttpAnswer::ContentType::text_plain_utf8), "text/plain; charset=UTF-8");
  EXPECT_EQ(to_string(HttpAnswer::ContentType::html), "text/html");
  EXPECT_EQ(to_string(HttpAnswer::ContentType::json), "application/json");
}

TEST(Ticket, of_all_zero_is_none) {
  EXPECT_FALSE(Ticket{});
  EXPECT_TRUE((Ticket{0, 1}));
  EXPECT_TRUE((Ticket{1, 0}));
  EXPECT_LT((Ticket{0, 1}), (Ticket{1, 0}));
}

}  // namespace
}  // namespace chorus::engine
