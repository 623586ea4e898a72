#include "http/mime.hpp"

#include <gtest/gtest.h>

namespace chorus::http {
namespace {

TEST(Mime, goes_by_the_extension) {
  EXPECT_EQ(content_type("/index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type("/a/socket.io.min.JS"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type("/a.js/file"), "application/octet-stream");
  EXPECT_EQ(content_type("/.html.unknown"), "application/octet-stream");
  EXPECT_EQ(content_type(""), "application/octet-stream");
}

}  // namespace
}  // namespace chorus::http
