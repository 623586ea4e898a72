#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"

namespace chorus {
namespace {

TEST(Bytes, printable_escapes_and_cuts_what_a_peer_sent) {
  EXPECT_EQ(printable("a\n\"b\"\x01\xff\\"), "a\\x0a\\\"b\\\"\\x01\\xff\\\\");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(Bytes, header_names_are_compared_without_case) {
  EXPECT_TRUE(equals_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equals_ignoring_case("Content-Length", "content-lengt"));
  EXPECT_FALSE(equals_ignoring_case("a[", "a{"));
  EXPECT_EQ(lower_case("X-Real-IP[\xc3\x84]"), "x-real-ip[\xc3\x84]");
}

TEST(Log, fields_are_key_value_with_quotes_where_needed) {
  EXPECT_EQ(format_log_line("connected", {{"worker", 3}, {"user", "a b"}, {"empty", ""}}),
            "connected worker=3 user=\"a b\" empty=\"\"");
  EXPECT_EQ(format_log_line("bad", {peer_field("head", "GET /\r\n")}), "bad head=\"GET /\\x0d\\x0a\"");
}

}  // namespace
}  // namespace chorus
