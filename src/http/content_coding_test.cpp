#include "http/content_coding.hpp"

#include <gtest/gtest.h>

#include <array>

#include "http/request_reader.hpp"

namespace chorus::http {
namespace {

constexpr std::array both{ContentCoding::gzip, ContentCoding::deflate};

std::string preferred(std::string const& header_lines, std::span<ContentCoding const> offered = both) {
  auto const request = read_request("GET / HTTP/1.1\r\nHost: a\r\n" + header_lines + "\r\n").value();
  return std::string(to_string(preferred_coding(request, offered)));
}
std::string accepting(std::string const& value) { return preferred("Accept-Encoding: " + value + "\r\n"); }

TEST(ContentCoding, is_the_one_of_the_greatest_quality_then_the_first) {
  EXPECT_EQ(accepting("gzip, deflate"), "gzip");
  EXPECT_EQ(accepting("gzip, deflate, br, zstd"), "gzip") << "browsers";
  EXPECT_EQ(accepting("deflate, gzip"), "deflate");
  EXPECT_EQ(accepting("deflate"), "deflate");
  EXPECT_EQ(accepting("deflate;q=0.5, gzip;q=0.6"), "gzip");
  EXPECT_EQ(accepting("gzip;q=0.001, deflate;q=0.01"), "deflate");
  EXPECT_EQ(accepting("GZip ; Q=1.000"), "gzip");
  EXPECT_EQ(accepting("identity, gzip;q=0.1"), "gzip") << "as in Node";
}

TEST(ContentCoding, is_none_when_none_is_accepted) {
  EXPECT_EQ(preferred(""), "");
  for (auto const* value : {"", "identity", "br", "gzip;q=0", "gzip;q=0.000, deflate;q=0", "*;q=0", ",;,", "gzipped",
                            "gzip;q=x", "gzip;q=", "gzip;q=.5", "gzip;q=0.1234", "gzip;level=1", "gzip deflate"})
    EXPECT_EQ(accepting(value), "") << value;
}

TEST(ContentCoding, may_be_meant_by_the_star) {
  EXPECT_EQ(accepting("*"), "gzip");
  EXPECT_EQ(accepting("gzip;q=0, *"), "deflate");
  EXPECT_EQ(accepting("*, gzip;q=0"), "deflate");
  EXPECT_EQ(accepting("*;q=0.5, deflate;q=0.5"), "deflate") << "by its own name";
  EXPECT_EQ(accepting("*;q=0.6, deflate;q=0.5"), "gzip");
}

TEST(ContentCoding, is_looked_for_in_all_headers_and_among_what_is_offered) {
  EXPECT_EQ(preferred("Accept-Encoding: br\r\nX: gzip\r\naccept-encoding: deflate;q=0.1\r\n"), "deflate");
  constexpr std::array gzip_only{ContentCoding::gzip};
  EXPECT_EQ(preferred("Accept-Encoding: deflate, gzip;q=0.1\r\n", gzip_only), "gzip");
  EXPECT_EQ(preferred("Accept-Encoding: gzip\r\n", {}), "");
}

TEST(ContentCoding, may_be_brotli_where_that_is_offered) {
  constexpr std::array three{ContentCoding::br, ContentCoding::gzip, ContentCoding::deflate};
  auto const coding = [&](std::string const& value) { return preferred("Accept-Encoding: " + value + "\r\n", three); };
  EXPECT_EQ(coding("br"), "br");
  EXPECT_EQ(coding("gzip;q=0.9, br"), "br");
  EXPECT_EQ(coding("br, gzip, deflate"), "br");
  EXPECT_EQ(coding("gzip,br,deflate"), "gzip") << "the first of equal ones, as in Node";
  EXPECT_EQ(coding("*"), "br");
  EXPECT_EQ(coding("br;q=0, *"), "gzip");
}

TEST(BodyEncoder, encodes_what_becomes_smaller) {
  BodyEncoder encoder(1);
  std::string const body(1'000, 'x');
  auto const gzip = encoder.encode(body, ContentCoding::gzip), zlib = encoder.encode(body, ContentCoding::deflate);
  auto const br = encoder.encode(body, ContentCoding::br);
  ASSERT_TRUE(gzip && zlib && br);
  EXPECT_LT(br->size(), gzip->size());
  EXPECT_EQ(encoder.encode("", ContentCoding::br), std::nullopt);
  EXPECT_LT(gzip->size(), 100u);
  EXPECT_EQ(gzip->substr(0, 3), "\x1f\x8b\x08") << "RFC 1952";
  EXPECT_EQ(zlib->front(), '\x78') << "RFC 1950";
  EXPECT_EQ(encoder.encode(body, ContentCoding::gzip), gzip);
  EXPECT_EQ(encoder.encode(body, ContentCoding::identity), std::nullopt);
  EXPECT_EQ(encoder.encode("short", ContentCoding::gzip), std::nullopt);
  EXPECT_EQ(encoder.encode("", ContentCoding::deflate), std::nullopt);
}

}  // namespace
}  // namespace chorus::http
