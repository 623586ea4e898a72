#include "server/cors_settings.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "http/request_reader.hpp"

namespace chorus::server {
namespace {

/// What an origin is told by these settings; "-": nothing.
std::string told(CorsSettings const& settings, std::string const& origin) {
  auto const request = http::read_request("GET / HTTP/1.1\r\nHost: a\r\nOrigin: " + origin + "\r\n\r\n").value();
  http::Response response;
  http::append_cors_headers(response, request, cors_options(settings).value());
  auto const* allowed = http::find_header(response, "Access-Control-Allow-Origin");
  return allowed == nullptr ? "-" : *allowed;
}

TEST(CorsSettings, are_off_while_no_origin_is_named) { EXPECT_FALSE(cors_options({})); }

TEST(CorsSettings, ES146_ES148_allow_the_origins_of_a_list) {
  CorsSettings settings;
  settings.origins = {"https://one.example", "https://two.example"};
  EXPECT_EQ(told(settings, "https://two.example"), "https://two.example");
  EXPECT_EQ(told(settings, "https://three.example"), "-");
}

TEST(CorsSettings, allow_what_a_pattern_finds_but_search_no_long_origin) {
  CorsSettings settings;
  settings.origin_patterns = {R"(\.example\.org$)", "^https://exact$"};
  EXPECT_EQ(told(settings, "https://a.example.org"), "https://a.example.org");
  EXPECT_EQ(told(settings, "https://exact"), "https://exact");
  EXPECT_EQ(told(settings, "https://example.org.evil"), "-");
  EXPECT_EQ(told(settings, "https://" + std::string(300, 'a') + ".example.org"), "-");
  settings.origin_patterns = {"("};
  EXPECT_THROW(cors_options(settings), std::runtime_error);
}

TEST(CorsSettings, allow_what_a_function_allows_beside_the_list) {
  CorsSettings settings;
  settings.origins = {"https://one.example"};
  settings.origin_patterns = {"two"};
  settings.allow_origin = [](std::string_view origin) { return origin == "https://three.example"; };
  for (auto const* origin : {"https://one.example", "https://two.example", "https://three.example"})
    EXPECT_EQ(told(settings, origin), origin);
  EXPECT_EQ(told(settings, "https://four.example"), "-");
}

TEST(CorsSettings, tell_everybody_of_a_fixed_origin) {
  CorsSettings settings;
  settings.fixed_origin = "https://one.example";
  EXPECT_EQ(told(settings, "https://two.example"), "https://one.example");
  settings.fixed_origin = "*";
  EXPECT_EQ(told(settings, "https://two.example"), "*");
  settings.fixed_origin.clear();
  settings.origins = {"*"};
  EXPECT_EQ(told(settings, "https://two.example"), "*");
}

TEST(CorsSettings, ES149_pass_everything_on_to_the_preflight) {
  CorsSettings settings;
  settings.origins = {"https://one.example"};
  settings.credentials = true;
  settings.methods = "GET,POST";
  settings.allowed_headers = "my-header";
  settings.exposed_headers = "other-header";
  settings.max_age = std::chrono::seconds(123);
  settings.options_success_status = 200;
  auto const request =
      http::read_request("OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: https://one.example\r\n\r\n").value();
  auto const answer = http::preflight(request, cors_options(settings).value());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(*http::find_header(answer, "Access-Control-Allow-Methods"), "GET,POST");
  EXPECT_EQ(*http::find_header(answer, "Access-Control-Allow-Headers"), "my-header");
  EXPECT_EQ(*http::find_header(answer, "Access-Control-Expose-Headers"), "other-header");
  EXPECT_EQ(*http::find_header(answer, "Access-Control-Max-Age"), "123");
  EXPECT_EQ(*http::find_header(answer, "Access-Control-Allow-Credentials"), "true");
}

}  // namespace
}  // namespace chorus::server
