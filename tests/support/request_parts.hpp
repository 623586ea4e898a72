// What clients bring when they knock, for tests of handshake requests.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "chorus/handshake.hpp"

namespace chorus::testing {

using PairList = std::vector<std::pair<std::string, std::string>>;

inline PairList pairs_of(NameValues list) {
  PairList pairs;
  for (auto const [name, value] : list) pairs.emplace_back(name, value);
  return pairs;
}

/// The request has exactly these parts, seen through every one of its views.
inline void expect_parts(Handshake::Request const& request, Handshake::Request::Parts const& parts) {
  EXPECT_EQ(pairs_of(request.headers()), parts.headers);
  EXPECT_EQ(pairs_of(request.query()), parts.query);
  EXPECT_EQ(request.url(), parts.url);
  EXPECT_EQ(request.address(), parts.address);
  EXPECT_EQ(request.secure(), parts.secure);
  auto const certificate = request.client_certificate();
  ASSERT_EQ(certificate.has_value(), parts.client_certificate.has_value());
  if (certificate) {
    EXPECT_EQ(certificate->subject, parts.client_certificate->subject);
    EXPECT_EQ(certificate->verified, parts.client_certificate->verified);
  }
  EXPECT_EQ(request.issued(), parts.issued);
}

/// A browser's upgrade request, with what is its own: the key of the WebSocket, and a cookie.
inline Handshake::Request::Parts browser_request(std::string key, std::string cookie,
                                                 std::string user_agent_tail = "Chrome/124.0.0.0 Safari/537.36") {
  return {
      .headers = {{"host", "chat.example.org"},
                  {"connection", "Upgrade"},
                  {"pragma", "no-cache"},
                  {"cache-control", "no-cache"},
                  {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " +
                                     std::move(user_agent_tail)},
                  {"upgrade", "websocket"},
                  {"origin", "https://chat.example.org"},
                  {"sec-websocket-version", "13"},
                  {"accept-encoding", "gzip, deflate, br, zstd"},
                  {"accept-language", "en-US,en;q=0.9,de;q=0.8"},
                  {"cookie", std::move(cookie)},
                  {"sec-websocket-key", std::move(key)},
                  {"sec-websocket-extensions", "permessage-deflate; client_max_window_bits"}},
      .query = {{"EIO", "4"}, {"transport", "websocket"}},
      .url = "/socket.io/?EIO=4&transport=websocket",
      .address = "203.0.113.7",
      .secure = true,
      .issued = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)),
  };
}

}  // namespace chorus::testing
