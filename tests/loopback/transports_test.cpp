// One process, several workers, real sockets: requests and WebSockets find their session wherever they land.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

/// Both ways of making system calls go through the same tests.
class Transports : public ::testing::TestWithParam<ServerOptions::IoUring> {
 protected:
  Transports() : io(four_workers(GetParam())) {
    io.on("echo", [](Socket const& socket, std::string text) { socket.emit("echo", text); });
    io.on("ack", [](Socket const&, std::string text, Ack ack) { ack(text); });
    io.start();
  }
  Server io;
};
INSTANTIATE_TEST_SUITE_P(WithAndWithout, Transports,
                         ::testing::Values(ServerOptions::IoUring::automatic, ServerOptions::IoUring::off),
                         [](::testing::TestParamInfo<ServerOptions::IoUring> const& each) {
                           return each.param == ServerOptions::IoUring::off ? "plain_calls" : "io_uring";
                         });

/// One client of a polling session, a new TCP connection for every request.
void echo_by_polling(std::uint16_t port, int messages) {
  auto const sid = open_polling(port);
  auto const path = polling_path("&sid=" + sid);
  ASSERT_EQ(request(port, "POST", path, "40").body, "ok");
  auto const connected = request(port, "GET", path);
  ASSERT_TRUE(connected.body.starts_with("40{")) << connected.body;
  int next = 0;
  for (int i = 0; i < messages; ++i) {
    auto const posted = request(port, "POST", path, "42[\"echo\",\"" + std::to_string(i) + "\"]");
    ASSERT_EQ(posted.body, "ok") << posted.status;
    if (i % 3 == 0) continue;  // let some gather in one payload
    auto const polled = request(port, "GET", path);
    ASSERT_EQ(polled.status, 200) << polled.body;
    std::string_view rest = polled.body;
    while (!rest.empty()) {
      auto const packet = rest.substr(0, rest.find('\x1e'));
      rest.remove_prefix(std::min(rest.size(), packet.size() + 1));
      if (packet == "2") {
        ASSERT_EQ(request(port, "POST", path, "3").body, "ok");
        continue;
      }
      ASSERT_EQ(packet, "42[\"echo\",\"" + std::to_string(next++) + "\"]");
    }
  }
  ASSERT_EQ(next, messages - (messages % 3 == 1 ? 1 : 0));
}

TEST_P(Transports, ES58_five_hundred_polling_clients_with_a_new_connection_for_every_request_lose_nothing) {
  constexpr int threads_max = 10, clients_per_thread = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_max; ++t)
    threads.emplace_back([&] {
      for (int c = 0; c < clients_per_thread; ++c) ASSERT_NO_THROW(echo_by_polling(io.port(), 6));
    });
  for (auto& thread : threads) thread.join();
}

TEST_P(Transports, ES20_a_hundred_websocket_clients_spread_over_the_workers_are_listed_and_counted) {
  std::vector<WebSocketClient> clients;
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(member(clients.emplace_back(io.port()).connect().substr(2), "sid"));
  auto const stats = io.stats();
  ASSERT_EQ(stats.sessions, 100u);
  EXPECT_EQ(io.clients_count(), 100u);
  for (auto const count : stats.sessions_per_worker) EXPECT_LE(count, 35u);
  std::promise<std::vector<std::string>> listed;
  io.all_sockets([&](std::vector<std::string> all) { listed.set_value(std::move(all)); });
  EXPECT_EQ(listed.get_future().get(), std::vector<std::string>(ids.begin(), ids.end()));
}

TEST_P(Transports, a_polling_session_upgrades_on_whichever_worker_it_lives) {
  for (int worker = 0; worker < 4; ++worker) {
    auto const sid = connect_polling(io.port(), "&worker=" + std::to_string(worker));
    auto socket = WebSocketClient::probe(io.port(), sid);
    socket.send("5");
    socket.send("42[\"echo\",\"after\"]");
    ASSERT_EQ(socket.receive(), "42[\"echo\",\"after\"]");
    EXPECT_EQ(request(io.port(), "GET", polling_path("&sid=" + sid)).status, 400);
  }
}

TEST_P(Transports, fifty_sessions_share_one_keep_alive_connection) {
  Connection connection(io.port());
  std::vector<std::string> paths;
  for (int i = 0; i < 50; ++i) {
    write_request(connection, "GET", polling_path());
    paths.push_back(polling_path("&sid=" + member(read_reply(connection).body, "sid")));
  }
  auto exchange = [&](std::string_view method, std::string const& path, std::string_view body) {
    write_request(connection, method, path, body);
    return read_reply(connection).body;
  };
  for (auto const& path : paths) ASSERT_EQ(exchange("POST", path, "40"), "ok");
  for (auto const& path : paths) ASSERT_TRUE(exchange("GET", path, "").starts_with("40{"));
  for (std::size_t i = 0; i < paths.size(); ++i)
    ASSERT_EQ(exchange("POST", paths[i], "42[\"echo\",\"" + std::to_string(i) + "\"]"), "ok");
  for (std::size_t i = 0; i < paths.size(); ++i)
    ASSERT_EQ(exchange("GET", paths[i], ""), "42[\"echo\",\"" + std::to_string(i) + "\"]");
}

TEST_P(Transports, pipelined_requests_for_two_sessions_are_answered_in_order) {
  auto const first = polling_path("&sid=" + open_polling(io.port(), "&worker=1"));
  auto const second = polling_path("&sid=" + open_polling(io.port(), "&worker=2"));
  Connection connection(io.port());
  for (auto const& path : {first, second}) write_request(connection, "POST", path, "40");
  for (auto const& path : {first, second}) write_request(connection, "GET", path);
  for (auto const& path : {first, second}) write_request(connection, "POST", path, "420[\"ack\",\"x\"]");
  for (auto const& path : {first, second}) write_request(connection, "GET", path);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read_reply(connection).body, "ok");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(read_reply(connection).body.starts_with("40{"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read_reply(connection).body, "ok");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read_reply(connection).body, "430[\"x\"]");
}

TEST_P(Transports, a_request_behind_a_parked_poll_waits_and_a_hang_up_is_still_seen) {
  auto const sid = open_polling(io.port(), "&worker=3");
  auto const path = polling_path("&sid=" + sid);
  Connection connection(io.port());
  write_request(connection, "GET", path);          // parked
  write_request(connection, "GET", "/not-there");  // pipelined behind it
  ASSERT_EQ(request(io.port(), "POST", path, "40").body, "ok");
  EXPECT_TRUE(read_reply(connection).body.starts_with("40{"));
  EXPECT_EQ(read_reply(connection).status, 404);

  write_request(connection, "GET", path);  // parked again
  connection.close();
  auto gone = [&] { return request(io.port(), "POST", path, "3").status == 400; };
  auto const deadline = std::chrono::steady_clock::now() + patience;
  while (!gone() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(gone()) << "the session outlived its broken poll";
}

TEST_P(Transports, a_large_message_crosses_both_ways_in_many_slots) {
  std::string const text(900'000, 'x');
  WebSocketClient client(io.port(), "&worker=1");
  client.connect();
  client.send("420[\"ack\",\"" + text + "\"]");
  EXPECT_EQ(client.receive(), "430[\"" + text + "\"]");
}

TEST(Packets, may_be_as_large_as_their_messages_together) {
  auto options = four_workers();
  options.message_bytes_max = 8'000'000;
  options.attachments_max = 2;
  Server io(options);
  io.on("sizes",
        [](Socket const&, Binary first, Binary second, Ack ack) { ack(first.bytes().size(), second.bytes().size()); });
  io.start();
  WebSocketClient client(io.port());
  client.connect();
  client.send(R"(452-7["sizes",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  client.send_binary(std::string(7'500'000, 'a'));
  client.send_binary(std::string(7'000'000, 'b'));
  EXPECT_EQ(client.receive(), "437[7500000,7000000]");
}

TEST_P(Transports, a_message_above_the_limit_closes_with_1009_and_a_post_gets_413) {
  WebSocketClient client(io.port());
  client.send(std::string(1'000'001, 'x'));
  auto const [first, payload] = client.receive_frame();
  EXPECT_EQ(first & 15, 8);
  EXPECT_EQ(payload, std::string("\x03\xf1", 2));
  auto const path = polling_path("&sid=" + open_polling(io.port()));
  Connection connection(io.port());
  write_request(connection, "POST", path, std::string(1'000'001, 'x'));
  EXPECT_EQ(read_reply(connection).status, 413);
}

TEST_P(Transports, what_no_session_answers_is_refused_at_once) {
  EXPECT_EQ(request(io.port(), "GET", polling_path("&sid=" + std::string(32, 'A'))).body,
            R"({"code":1,"message":"Session ID unknown"})");
  auto sid = open_polling(io.port());
  sid[5] = sid[5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(request(io.port(), "GET", polling_path("&sid=" + sid)).status, 400);
  EXPECT_EQ(request(io.port(), "GET", "/socket.io/?EIO=3&transport=polling").body,
            R"({"code":5,"message":"Unsupported protocol version"})");
  EXPECT_EQ(request(io.port(), "GET", "/nowhere").status, 404);
}

TEST_P(Transports, deep_json_and_nonsense_cost_only_their_sender) {
  WebSocketClient good(io.port(), "&worker=0");
  good.connect();
  for (std::string const& bad :
       {"42[\"echo\"," + std::string(45'000, '[') + std::string(45'000, ']') + "]", std::string("49"),
        std::string("42[\"echo\""), std::string("42[\"connect\"]"), std::string("4511-[\"x\"]"), std::string("9")}) {
    WebSocketClient client(io.port(), "&worker=0");
    client.connect();
    client.send(bad);
    EXPECT_TRUE(client.connection().ends()) << bad.substr(0, 40);
  }
  good.send("42[\"echo\",\"still here\"]");
  EXPECT_EQ(good.receive(), "42[\"echo\",\"still here\"]");
}

TEST_P(Transports, stopping_closes_transports_without_a_disconnect_packet) {
  WebSocketClient client(io.port());
  client.connect();
  std::thread stopper([&] { io.stop(); });
  auto const [first, payload] = client.receive_frame();
  EXPECT_EQ(first & 15, 8) << payload;
  client.connection().close();
  stopper.join();
}

}  // namespace
}  // namespace chorus
