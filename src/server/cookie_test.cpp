#include "server/cookie.hpp"

#include <gtest/gtest.h>

namespace chorus::server {
namespace {

using SameSite = CookieSettings::SameSite;

CookieSettings io() {
  CookieSettings settings;
  settings.name = "io";
  return settings;
}

TEST(SetCookie, ES11_has_path_http_only_and_same_site_by_default) {
  EXPECT_EQ(set_cookie(io(), "abc"), "io=abc; Path=/; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, ES12_ES13_ES14_has_the_name_and_path_given_and_no_path_when_there_is_none) {
  auto settings = io();
  settings.name = "woot";
  settings.path = "/custom";
  EXPECT_EQ(set_cookie(settings, "abc"), "woot=abc; Path=/custom; HttpOnly; SameSite=Lax");
  settings.path = "";
  EXPECT_EQ(set_cookie(settings, "abc"), "woot=abc; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, ES15_ES16_ES17_ES18_has_http_only_and_same_site_as_set) {
  auto settings = io();
  settings.http_only = false;
  EXPECT_EQ(set_cookie(settings, "1"), "io=1; Path=/; SameSite=Lax");
  settings.http_only = true;
  settings.same_site = SameSite::strict;
  EXPECT_EQ(set_cookie(settings, "1"), "io=1; Path=/; HttpOnly; SameSite=Strict");
  settings.same_site = SameSite::none;
  settings.secure = true;
  EXPECT_EQ(set_cookie(settings, "1"), "io=1; Path=/; HttpOnly; Secure; SameSite=None");
  settings.same_site = SameSite::none_given;
  EXPECT_EQ(set_cookie(settings, "1"), "io=1; Path=/; HttpOnly; Secure");
}

TEST(SetCookie, has_the_rarer_attributes_in_the_order_of_nodes_cookie) {
  auto settings = io();
  settings.max_age = std::chrono::hours(1);
  settings.domain = "example.org";
  settings.secure = settings.partitioned = true;
  EXPECT_EQ(set_cookie(settings, "1"),
            "io=1; Max-Age=3600; Domain=example.org; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax");
}

TEST(CookieFault, is_told_of_whatever_would_end_its_line_or_attribute) {
  EXPECT_FALSE(cookie_fault(io()));
  auto settings = io();
  settings.name = "a=b";
  EXPECT_TRUE(cookie_fault(settings));
  settings = io();
  settings.path = "/; Domain=evil.example";
  EXPECT_TRUE(cookie_fault(settings));
  settings = io();
  settings.domain = "a\r\nX: y";
  EXPECT_TRUE(cookie_fault(settings));
}

}  // namespace
}  // namespace chorus::server
