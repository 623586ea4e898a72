#include "app/units.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

using namespace std::chrono_literals;

TEST(Units, read_times) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("25s"), 25s);
  EXPECT_EQ(parse_duration("25"), 25s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  for (auto const* bad :
       {"", "s", "-1s", "1.5s", "1 s", "1d", "1S", "ms", "99999999999999999999", "9223372036854775807s"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(Units, read_sizes) {
  EXPECT_EQ(parse_bytes("0"), 0u);
  EXPECT_EQ(parse_bytes("1000000"), 1'000'000u);
  EXPECT_EQ(parse_bytes("64K"), 65'536u);
  EXPECT_EQ(parse_bytes("4M"), 4u << 20);
  EXPECT_EQ(parse_bytes("1G"), 1u << 30);
  for (auto const* bad : {"", "K", "-1", "1.5M", "1 M", "1MB", "1k", "0x10", "9223372036854775807K"})
    EXPECT_EQ(parse_bytes(bad), std::nullopt) << bad;
}

TEST(Units, read_numbers) {
  EXPECT_EQ(parse_count("7999"), 7999u);
  for (auto const* bad : {"", "-1", "+1", "1K", " 1", "1 ", "seven"}) EXPECT_EQ(parse_count(bad), std::nullopt) << bad;
}

TEST(Units, write_what_they_read) {
  EXPECT_EQ(format_duration(25s), "25s");
  EXPECT_EQ(format_duration(500ms), "500ms");
  EXPECT_EQ(format_duration(5min), "5m");
  EXPECT_EQ(format_duration(0ms), "0");
  EXPECT_EQ(format_bytes(4u << 20), "4M");
  EXPECT_EQ(format_bytes(1'000'000), "1000000");
}

}  // namespace
}  // namespace chorus::app
