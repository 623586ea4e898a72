#include "websocket/handshake.hpp"

#include <gtest/gtest.h>

#include "http/request_reader.hpp"

namespace chorus::websocket {
namespace {

http::Request request(std::string const& wire) { return http::read_request(wire).value(); }

/// The client's handshake of RFC 6455, 1.3, with one line changed.
http::Request handshake(std::string const& line = "", std::string const& instead = "") {
  std::string wire =
      "GET /chat HTTP/1.1\r\n"
      "Host: server.example.com\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\n"
      "\r\n";
  if (!line.empty()) wire.replace(wire.find(line), line.size(), instead);
  return request(wire);
}

constexpr char const* key_line = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

TEST(Handshake, answers_the_key_of_rfc_6455_section_1_3) {
  auto const key = check_upgrade(handshake());
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, accepts_lists_and_any_case_of_letters) {
  EXPECT_TRUE(check_upgrade(handshake("Connection: Upgrade", "Connection: keep-alive, UPGRADE")));
  EXPECT_TRUE(check_upgrade(handshake("Upgrade: websocket", "upgrade: h2c, WebSocket")));
}

TEST(Handshake, refuses_what_is_no_handshake) {
  std::pair<char const*, char const*> const changes[] = {
      {"GET", "POST"},
      {"HTTP/1.1", "HTTP/1.0"},
      {"Upgrade: websocket", "Upgrade: websockets"},
      {"Upgrade: websocket\r\n", ""},
      {"Connection: Upgrade", "Connection: keep-alive"},
      {key_line, ""},
      {key_line, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"},
      {key_line, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n"},
      {key_line, "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==\r\n"},
      {key_line, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"},
      {"Sec-WebSocket-Version: 13\r\n", ""},
  };
  for (auto const& [line, instead] : changes) {
    auto const key = check_upgrade(handshake(line, instead));
    ASSERT_FALSE(key) << instead;
    EXPECT_EQ(status_of(key.error()), 400) << instead;
  }
}

TEST(Handshake, tells_a_client_of_another_version_which_one_is_spoken) {
  auto const key = check_upgrade(handshake("Version: 13", "Version: 8"));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error(), UpgradeError::upgrade_required);
  EXPECT_EQ(http::serialize(upgrade_refusal(key.error()), true),
            "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(Handshake, writes_the_response_with_headers_of_the_application) {
  EXPECT_EQ(upgrade_response("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", {{"Set-Cookie", "io=1"}, {"X-Bad", "a\r\nb"}}),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Set-Cookie: io=1\r\n"
            "X-Bad: a  b\r\n"
            "\r\n");
}

}  // namespace
}  // namespace chorus::websocket
