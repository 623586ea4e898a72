#include "http/request.hpp"

#include <gtest/gtest.h>

#include "http/request_reader.hpp"

namespace chorus::http {
namespace {

Request sample() {
  return read_request(
             "POST /chat/?a=1&b HTTP/1.1\r\nHost: example\r\nCookie: one\r\ncookie: two\r\n"
             "Connection: keep-alive, Upgrade\r\nConnection: x\r\nContent-Length: 4\r\n\r\nbody")
      .value();
}

TEST(Request, finds_headers_in_any_case_of_letters_and_the_first_of_several) {
  auto const request = sample();
  EXPECT_EQ(request.header("HOST"), "example");
  EXPECT_EQ(request.header("Cookie"), "one");
  EXPECT_EQ(request.header("Cookies"), std::nullopt);
  EXPECT_EQ(request.header_at(2).name, "cookie");
  EXPECT_EQ(request.header_at(2).value, "two");
}

TEST(Request, finds_tokens_in_lists_over_all_headers_of_a_name) {
  auto const request = sample();
  EXPECT_TRUE(request.has_token("connection", "upgrade"));
  EXPECT_TRUE(request.has_token("connection", "KEEP-ALIVE"));
  EXPECT_TRUE(request.has_token("connection", "x"));
  EXPECT_FALSE(request.has_token("connection", "keep"));
  EXPECT_FALSE(request.has_token("connection", "keep-alive, Upgrade"));
  EXPECT_FALSE(request.has_token("upgrade", "websocket"));
}

TEST(Request, splits_the_target) {
  auto const request = sample();
  EXPECT_EQ(request.target(), "/chat/?a=1&b");
  EXPECT_EQ(request.path(), "/chat/");
  EXPECT_EQ(request.query_string(), "a=1&b");
  EXPECT_EQ(read_request("GET /x HTTP/1.0\r\n\r\n").value().query_string(), "");
  EXPECT_EQ(read_request("GET /x? HTTP/1.0\r\n\r\n").value().query_string(), "");
  EXPECT_EQ(read_request("GET /x??? HTTP/1.0\r\n\r\n").value().query_string(), "??");
}

TEST(Request, views_stay_valid_when_it_is_moved) {
  auto request = read_request("GET / HTTP/1.0\r\n\r\n").value();
  Bytes const method = request.method();
  auto const moved = std::move(request);
  EXPECT_EQ(method.data(), moved.method().data());
  EXPECT_EQ(method, "GET");
}

TEST(Request, a_copy_owns_its_bytes) {
  auto request = std::make_unique<Request>(sample());
  Request const copy = *request;
  request.reset();
  EXPECT_EQ(copy.header("Host"), "example");
  EXPECT_EQ(copy.body(), "body");
}

TEST(Request, gives_its_body_away) {
  auto request = sample();
  EXPECT_EQ(request.take_body(), "body");
}

TEST(Request, is_serialized_for_another_process_which_reads_back_the_same) {
  auto const original = read_request(
                            "POST /chat/?a=1&b HTTP/1.1\r\nHost: example\r\nCookie: one\r\ncookie: two\r\n"
                            "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")
                            .value();
  EXPECT_EQ(serialize(original),
            "POST /chat/?a=1&b HTTP/1.1\r\nHost: example\r\nCookie: one\r\ncookie: two\r\n"
            "Content-Length: 4\r\n\r\nbody");
  auto const again = read_request(serialize(original)).value();
  EXPECT_EQ(again.body(), "body");
  EXPECT_EQ(serialize(again), serialize(original));
  auto const old = read_request("GET / HTTP/1.0\r\n\r\n").value();
  EXPECT_EQ(serialize(old), "GET / HTTP/1.0\r\n\r\n");
}

}  // namespace
}  // namespace chorus::http
