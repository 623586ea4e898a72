// Hostile clients on every layer: nobody else notices, nothing is left.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "chorus/server.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

class Hostile : public ::testing::Test {
 protected:
  Hostile() : io(options()) {
    io.on("echo", [](Incoming const& in) { in.socket.emit("echo", in.args.size()); });
    io.start();
  }
  static ServerOptions options() {
    ServerOptions options;
    options.host = "127.0.0.1";
    options.port = 0;
    options.workers = 4;
    options.headers_timeout = std::chrono::milliseconds(400);
    options.request_timeout = std::chrono::milliseconds(600);
    options.keep_alive_timeout = std::chrono::milliseconds(400);
    options.connect_timeout = std::chrono::milliseconds(500);
    options.upgrade_timeout = std::chrono::milliseconds(300);
    options.ping_interval = std::chrono::milliseconds(300);
    options.ping_timeout = std::chrono::milliseconds(200);
    options.message_bytes_max = 100'000;
    options.backlog_bytes_max = 1u << 20;
    options.drain_timeout = std::chrono::seconds(2);
    return options;
  }
  /// Somebody who behaves, before, during and after.
  void expect_service() {
    WebSocketClient client(io.port());
    ASSERT_TRUE(client.connect().starts_with("40{"));
    client.send("42[\"echo\",1,2]");
    ASSERT_EQ(client.receive(), "42[\"echo\",2]");
  }
  /// Every limit of time has passed: nothing of the attackers is left.
  void expect_nothing_left() {
    auto const deadline = std::chrono::steady_clock::now() + patience;
    while (io.stats().connections > 0 || io.stats().sessions > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline)
          << io.stats().connections << " connections, " << io.stats().sessions << " sessions are left";
      std::this_thread::yield();
    }
  }
  /// Sends and does not care what becomes of it.
  static void throw_at(Connection& connection, std::string_view bytes) {
    try {
      connection.write(bytes);
    } catch (std::runtime_error const&) {
    }
  }

  Server io;
  std::mt19937 random{20'240'601};
};

TEST_F(Hostile, random_bytes_cost_only_their_sender) {
  for (int i = 0; i < 200; ++i) {
    Connection connection(io.port());
    std::string bytes(1 + random() % 3'000, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    throw_at(connection, bytes);
    if (i % 50 == 0) expect_service();
  }
  expect_service();
  expect_nothing_left();
}

TEST_F(Hostile, mutated_requests_cost_only_their_sender) {
  std::string const seeds[] = {
      "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
      "POST /socket.io/?EIO=4&transport=polling&sid=AAAA HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n40",
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"};
  for (int i = 0; i < 400; ++i) {
    auto wire = seeds[random() % 4] + seeds[random() % 4];
    for (unsigned n = random() % 6; n > 0; --n) wire[random() % wire.size()] = static_cast<char>(random());
    Connection connection(io.port());
    throw_at(connection, wire.substr(0, random() % wire.size() + 1));
  }
  expect_service();
  expect_nothing_left();
}

TEST_F(Hostile, mutated_frames_and_packets_cost_only_their_sender) {
  std::string const packets[] = {
      "40", "42[\"echo\",1]", "2", "3", "451-[\"echo\",{\"_placeholder\":true,\"num\":0}]", "40/x,{}", "5", "6",
      "1",  "430[1]"};
  for (int i = 0; i < 300; ++i) {
    WebSocketClient client(io.port());
    try {
      for (int n = 0; n < 6; ++n) {
        std::string packet = packets[random() % 10];
        if (random() % 3 == 0) packet[random() % packet.size()] = static_cast<char>(random());
        client.send_frame(random() % 8 == 0 ? static_cast<int>(random() % 16) : 1, packet);
      }
      std::string noise(random() % 40, '\0');
      for (char& c : noise) c = static_cast<char>(random());
      client.connection().write(noise);
    } catch (std::runtime_error const&) {
    }
  }
  expect_service();
  expect_nothing_left();
}

TEST_F(Hostile, slow_heads_and_bodies_are_timed_out) {
  Connection head(io.port()), body(io.port()), silent(io.port());
  head.write("GET / HTTP/1.1\r\nHost:");
  body.write("POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");
  EXPECT_TRUE(head.read_until("\r\n").starts_with("HTTP/1.1 408"));
  EXPECT_TRUE(body.read_until("\r\n").starts_with("HTTP/1.1 408"));
  EXPECT_TRUE(silent.ends());
  expect_nothing_left();
}

TEST_F(Hostile, a_client_that_does_not_read_is_cut_at_its_limit_and_costs_the_others_nothing) {
  WebSocketClient deaf(io.port());
  deaf.connect();
  WebSocketClient good(io.port());
  good.connect();
  std::string const text(50'000, 'x');
  for (int i = 0; i < 400; ++i) {  // 20 MB for each
    io.emit("news", text);
    ASSERT_EQ(good.receive().size(), text.size() + 13);
  }
  EXPECT_EQ(io.stats().sessions, 1u);
  expect_service();
}

TEST_F(Hostile, sessions_that_never_join_or_never_poll_end_by_themselves) {
  for (int i = 0; i < 100; ++i) open_polling(io.port());
  std::vector<WebSocketClient> idle;
  for (int i = 0; i < 20; ++i) idle.emplace_back(io.port());
  expect_nothing_left();
}

}  // namespace
}  // namespace chorus
