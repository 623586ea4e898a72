#include "http/cors.hpp"

#include <gtest/gtest.h>

#include "http/request_reader.hpp"

namespace chorus::http {
namespace {

using Origins = CorsOptions::Origins;

Request request(std::string const& method, std::string const& headers) {
  return read_request(method + " /socket.io/ HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n").value();
}

TEST(Cors, any_origin_is_a_star_without_vary) {
  Response response;
  append_cors_headers(response, request("GET", "Origin: http://a\r\n"), {});
  EXPECT_EQ(response.headers, (ResponseHeaders{{"Access-Control-Allow-Origin", "*"}}));
}

TEST(Cors, ES147_ES148_a_listed_origin_is_named_and_others_get_no_access) {
  CorsOptions const options{
      .origins = Origins::list, .allowed_origins = {"http://a", "http://b:1"}, .credentials = true};
  Response allowed;
  append_cors_headers(allowed, request("GET", "Origin: http://b:1\r\n"), options);
  EXPECT_EQ(allowed.headers, (ResponseHeaders{{"Access-Control-Allow-Origin", "http://b:1"},
                                              {"Vary", "Origin"},
                                              {"Access-Control-Allow-Credentials", "true"}}));
  for (auto const* origin : {"Origin: http://evil\r\n", "Origin: http://a.evil\r\n", "Origin: HTTP://A\r\n", ""}) {
    Response refused;
    append_cors_headers(refused, request("GET", origin), options);
    EXPECT_EQ(find_header(refused, "Access-Control-Allow-Origin"), nullptr) << origin;
    EXPECT_NE(find_header(refused, "Vary"), nullptr);
  }
}

TEST(Cors, reflects_whoever_asks_when_told_so) {
  Response response;
  append_cors_headers(response, request("GET", "Origin: http://x\r\n"), {.origins = Origins::reflect});
  EXPECT_EQ(*find_header(response, "Access-Control-Allow-Origin"), "http://x");
  Response without;
  append_cors_headers(without, request("GET", ""), {.origins = Origins::reflect});
  EXPECT_EQ(find_header(without, "Access-Control-Allow-Origin"), nullptr);
}

TEST(Cors, ES146_answers_a_preflight_with_204_and_the_headers_asked_for) {
  auto const response = preflight(request("OPTIONS",
                                          "Origin: http://a\r\nAccess-Control-Request-Method: POST\r\n"
                                          "Access-Control-Request-Headers: x-one, x-two\r\n"),
                                  {.origins = Origins::list, .allowed_origins = {"http://a"}, .credentials = true});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers, (ResponseHeaders{{"Access-Control-Allow-Origin", "http://a"},
                                               {"Vary", "Origin, Access-Control-Request-Headers"},
                                               {"Access-Control-Allow-Credentials", "true"},
                                               {"Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"},
                                               {"Access-Control-Allow-Headers", "x-one, x-two"}}));
}

TEST(Cors, knows_all_options_of_the_cors_module) {
  CorsOptions const options{.methods = "GET,POST",
                            .allowed_headers = "my-header",
                            .exposed_headers = "my-exposed-header",
                            .max_age = std::chrono::seconds(123),
                            .preflight_status = 200};
  auto const response = preflight(request("OPTIONS", "Origin: http://a\r\n"), options);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers, (ResponseHeaders{{"Access-Control-Allow-Origin", "*"},
                                               {"Access-Control-Allow-Methods", "GET,POST"},
                                               {"Access-Control-Allow-Headers", "my-header"},
                                               {"Access-Control-Max-Age", "123"},
                                               {"Access-Control-Expose-Headers", "my-exposed-header"}}));
  Response actual;
  append_cors_headers(actual, request("GET", ""), options);
  EXPECT_EQ(*find_header(actual, "Access-Control-Expose-Headers"), "my-exposed-header");
}

TEST(Cors, tells_who_may_connect_at_all) {
  CorsOptions const list{.origins = Origins::list, .allowed_origins = {"http://a"}};
  CorsOptions const any{.origins = Origins::any};
  CorsOptions const fixed{.origins = Origins::fixed, .allowed_origins = {"http://a"}};
  auto const from = [](char const* origin) { return request("GET", origin); };
  auto const host = std::string(*from("").header("Host"));
  auto const own = "Origin: https://" + host + "\r\n";
  for (auto const* options : {&list, &any, &fixed, static_cast<CorsOptions const*>(nullptr)}) {
    EXPECT_TRUE(is_origin_allowed(from(""), options)) << "no browser";
    EXPECT_TRUE(is_origin_allowed(from(own.c_str()), options)) << "the server's own page";
  }
  EXPECT_TRUE(is_origin_allowed(from("Origin: http://a\r\n"), &list));
  EXPECT_TRUE(is_origin_allowed(from("Origin: http://a\r\n"), &fixed));
  EXPECT_TRUE(is_origin_allowed(from("Origin: http://b\r\n"), &any));
  EXPECT_FALSE(is_origin_allowed(from("Origin: http://c\r\n"), nullptr));
  auto const beside = "Origin: http://evil." + host + "\r\n";
  for (auto const* origin : {"Origin: http://b\r\n", "Origin: null\r\n", "Origin: \r\n", beside.c_str()}) {
    EXPECT_FALSE(is_origin_allowed(from(origin), &list)) << origin;
    EXPECT_FALSE(is_origin_allowed(from(origin), &fixed)) << origin;
    EXPECT_FALSE(is_origin_allowed(from(origin), nullptr)) << origin;
  }
}

TEST(Cors, adds_to_a_vary_that_is_there) {
  Response response{.headers = {{"vary", "Accept-Encoding"}}};
  append_vary(response, "Origin");
  append_vary(response, "ORIGIN");
  EXPECT_EQ(response.headers, (ResponseHeaders{{"vary", "Accept-Encoding, Origin"}}));
}

}  // namespace
}  // namespace chorus::http
