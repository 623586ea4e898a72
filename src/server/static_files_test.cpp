#include "server/static_files.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "http/request_reader.hpp"

namespace chorus::server {
namespace {

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    char name[] = "/tmp/chorus-static-files-XXXXXX";
    folder_ = ::mkdtemp(name);
    write("index.html", page);
    write("small.txt", "small");
    write("picture.png", page);
    std::filesystem::create_directory(folder_ + "/sub");
    write("sub/app.js", page);
    write(".hidden", "secret");
  }
  ~StaticFilesTest() override { std::filesystem::remove_all(folder_); }

  void write(std::string const& name, std::string const& content) { std::ofstream(folder_ + '/' + name) << content; }

  std::optional<http::Response> ask(std::string const& target, std::string const& headers = "",
                                    std::string const& method = "GET") const {
    auto const request =
        http::read_request(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n").value();
    return files.find(request.path(), request);
  }
  static std::string header(http::Response const& response, Bytes name) {
    auto const* value = http::find_header(response, name);
    return value != nullptr ? *value : "";
  }

  std::string const page = "<!doctype html>" + std::string(2'000, 'x');
  std::string folder_;
  StaticFiles files;
};

constexpr auto gzip = "Accept-Encoding: gzip, deflate, br\r\n";

TEST_F(StaticFilesTest, SA6_SA7_are_sent_in_the_coding_that_the_client_prefers) {
  files.load(folder_);
  std::set<std::string> etags{header(*ask("/"), "ETag")};
  for (std::string const coding : {"br", "gzip", "deflate"}) {
    auto const response = ask("/", "Accept-Encoding: identity;q=0.5, " + coding + "\r\n");
    ASSERT_TRUE(response);
    EXPECT_EQ(header(*response, "Content-Encoding"), coding);
    EXPECT_EQ(header(*response, "Vary"), "Accept-Encoding");
    EXPECT_LT(response->body.size(), 100u);
    EXPECT_TRUE(etags.insert(header(*response, "ETag")).second) << "each form has its own";
  }
  EXPECT_EQ(header(*ask("/", "Accept-Encoding: *\r\n"), "Content-Encoding"), "br");
  EXPECT_EQ(header(*ask("/", "Accept-Encoding: gzip;q=0.8, br;q=0.9\r\n"), "Content-Encoding"), "br");
  EXPECT_EQ(header(*ask("/", "Accept-Encoding: zstd, br;q=0\r\n"), "Content-Encoding"), "");
}

TEST_F(StaticFilesTest, are_sent_compressed_to_whoever_accepts_it) {
  files.load(folder_);
  auto const compressed = ask("/", gzip), plain = ask("/");
  ASSERT_TRUE(compressed && plain);
  EXPECT_EQ(plain->body, page);
  EXPECT_EQ(header(*plain, "Content-Encoding"), "");
  EXPECT_LT(compressed->body.size(), 100u);
  EXPECT_EQ(header(*compressed, "Content-Encoding"), "gzip");
  EXPECT_NE(header(*plain, "ETag"), header(*compressed, "ETag"));
  for (auto const* response : {&*plain, &*compressed}) {
    EXPECT_EQ(header(*response, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header(*response, "Content-Type"), "text/html; charset=utf-8");
  }
  EXPECT_EQ(ask("/", "Accept-Encoding: gzip;q=0\r\n")->body, page);
  EXPECT_EQ(ask("/sub/app.js", gzip)->body, compressed->body);
}

TEST_F(StaticFilesTest, are_sent_as_they_are_where_compression_is_of_no_use_or_not_wanted) {
  files.load(folder_);
  for (auto const* path : {"/small.txt", "/picture.png"}) {
    auto const response = ask(path, gzip);
    ASSERT_TRUE(response);
    EXPECT_EQ(header(*response, "Content-Encoding"), "");
    EXPECT_EQ(header(*response, "Vary"), "");
  }
  files.load(folder_, StaticFiles::Compression::none);
  EXPECT_EQ(ask("/", gzip)->body, page);
}

TEST_F(StaticFilesTest, are_not_sent_again_to_whoever_has_them) {
  files.load(folder_);
  for (std::string const& accept : {std::string(), std::string(gzip)}) {
    auto const etag = header(*ask("/", accept), "ETag");
    for (auto const& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
      auto const response = ask("/", accept + "If-None-Match: " + known + "\r\n");
      ASSERT_TRUE(response);
      EXPECT_EQ(response->status, 304) << known;
      EXPECT_EQ(response->body, "");
      EXPECT_EQ(header(*response, "ETag"), etag);
      EXPECT_EQ(header(*response, "Content-Encoding"), "");
    }
    EXPECT_EQ(ask("/", accept + "If-None-Match: \"other\"\r\n")->status, 200);
  }
  auto const plain = header(*ask("/"), "ETag");
  EXPECT_EQ(ask("/", std::string(gzip) + "If-None-Match: " + plain + "\r\n")->status, 200) << "the other form";
}

TEST_F(StaticFilesTest, are_there_for_get_and_head_of_their_own_paths_only) {
  files.load(folder_);
  EXPECT_TRUE(ask("/sub/app.js?x=1", "", "HEAD"));
  EXPECT_FALSE(ask("/", "", "POST"));
  for (auto const* path : {"/none", "/.hidden", "/sub", "/../etc/passwd", "/sub/../index.html", "/%zz"})
    EXPECT_FALSE(ask(path)) << path;
  EXPECT_THROW(StaticFiles().load(folder_ + "/none"), std::runtime_error);
}

}  // namespace
}  // namespace chorus::server
