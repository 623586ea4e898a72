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

TEST(Mime, tells_what_becomes_smaller) {
  for (Bytes const path : {"a.html", "a.js", "a.css", "a.json", "a.map", "a.svg", "a.wasm", "a.webmanifest", "a.ttf"})
    EXPECT_TRUE(is_compressible(content_type(path))) << path;
  for (Bytes const path : {"a.png", "a.woff2", "a.mp4", "a", "a.pdf"})
    EXPECT_FALSE(is_compressible(content_type(path))) << path;
}

}  // namespace
}  // namespace chorus::http
