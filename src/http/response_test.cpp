#include "http/response.hpp"

#include <gtest/gtest.h>

namespace chorus::http {
namespace {

TEST(Response, has_its_length_and_the_fate_of_the_connection) {
  Response response{.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = "ok"};
  EXPECT_EQ(serialize(response, true),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
  EXPECT_EQ(serialize(response, false),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  response.close = true;
  EXPECT_EQ(serialize(response, true), serialize(response, false));
}

TEST(Response, without_a_body_states_no_length_where_none_may_be) {
  EXPECT_EQ(serialize({.status = 204, .body = "dropped"}, true),
            "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(serialize({.status = 304}, true), "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(serialize({.status = 100}, true), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(serialize({.status = 404}, true),
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, to_head_tells_the_length_of_the_body_that_is_not_sent) {
  EXPECT_EQ(serialize({.body = "hello", .head_only = true}, true),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, cannot_be_split_by_a_header) {
  Response const response{.headers = {{"X", "a\r\nSet-Cookie: b"},
                                      {"Bad\r\nName", "x"},
                                      {"Bad Name", "x"},
                                      {"", "x"},
                                      {"Y", std::string("\0\x7f\n", 3)},
                                      {"content-length", "99"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"Connection", "close"}}};
  EXPECT_EQ(serialize(response, true),
            "HTTP/1.1 200 OK\r\nX: a  Set-Cookie: b\r\nY:    \r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, of_an_unknown_status_still_has_a_phrase) {
  EXPECT_EQ(reason_phrase(599), "Unknown");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
}

TEST(Response, finds_its_headers) {
  Response const response{.headers = {{"Vary", "Origin"}}};
  ASSERT_NE(find_header(response, "vary"), nullptr);
  EXPECT_EQ(*find_header(response, "vary"), "Origin");
  EXPECT_EQ(find_header(response, "Date"), nullptr);
}

}  // namespace
}  // namespace chorus::http
