#include "app/start_notice.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

StartFacts facts() {
  StartFacts f;
  f.host = "localhost";
  f.port = 7999;
  f.workers = 4;
  f.io_uring = true;
  f.descriptors = 1048576;
  f.web_root = "web";
  return f;
}

bool says(StartFacts const& f, std::string_view text) { return start_notice(f).find(text) != std::string::npos; }

TEST(StartNotice, says_what_a_newcomer_needs) {
  EXPECT_EQ(start_notice(facts()),
            "Listening on port 7999.\n"
            "  Open:         http://localhost:7999\n"
            "  Workers:      4\n"
            "  io_uring:     in use\n"
            "  Descriptors:  1048576 (about as many connections)\n"
            "  Tokens:       NOT CHECKED (development mode): anybody is who they say\n"
            "  For devices on the local network: chorus serve --host 0.0.0.0 --dev-tokens\n");
}

TEST(StartNotice, says_that_it_is_encrypted) {
  auto f = facts();
  f.encrypted = true;
  EXPECT_TRUE(says(f, "Open:         https://localhost:7999\n"));
}

TEST(StartNotice, says_what_to_type_on_the_phone) {
  auto f = facts();
  f.host = "0.0.0.0";
  f.lan_addresses = {"192.168.1.7"};
  EXPECT_TRUE(says(f, "Open:         http://localhost:7999\n"));
  EXPECT_TRUE(says(f, "On a phone:   http://192.168.1.7:7999\n"));
  EXPECT_TRUE(says(f, "NOT CHECKED"));
  EXPECT_FALSE(says(f, "--dev-tokens"));
  f.lan_addresses.clear();
  EXPECT_TRUE(says(f, "no address found"));
}

TEST(StartNotice, says_how_many_processes_there_are_when_there_are_several) {
  auto f = facts();
  f.processes = 3;
  EXPECT_TRUE(says(f, "Workers:      4 in each of 3 processes\n"));
}

TEST(StartNotice, says_how_tokens_are_checked) {
  auto f = facts();
  f.token_check = "ES256";
  EXPECT_TRUE(says(f, "Tokens:       checked, ES256\n"));
  EXPECT_FALSE(says(f, "NOT CHECKED"));
}

TEST(StartNotice, tells_io_uring_refused_from_io_uring_off) {
  auto f = facts();
  f.io_uring = false;
  EXPECT_TRUE(says(f, "not available here"));
  f.io_uring_wanted = false;
  EXPECT_TRUE(says(f, "io_uring:     off\n"));
}

TEST(StartNotice, writes_ipv6_addresses_as_urls_have_them) {
  auto f = facts();
  f.host = "::1";
  EXPECT_TRUE(says(f, "http://[::1]:7999\n"));
}

TEST(StartNotice, does_not_send_anybody_to_a_page_that_is_not_there) {
  auto f = facts();
  f.web_root.clear();
  EXPECT_FALSE(says(f, "Open:"));
  EXPECT_TRUE(says(f, "no web page"));
}

}  // namespace
}  // namespace chorus::app
