// What a program hears of a client's connection: its packets out, its signs of life, as Node's engine sockets tell it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "chorus/socket.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using namespace std::chrono_literals;
using testing::ClientWorld;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;

/// One client that has joined "/", and its connection.
class ConnectionListenersTest : public ::testing::Test {
 protected:
  ConnectionListenersTest() {
    world.of("/").on_connection([this](Socket const& s) { socket = s; });
    client.say("0");
  }
  void hear_all() {
    auto const conn = socket.conn();
    conn.on_packet_create([this](EnginePacket const& packet) {
      char const* const type = packet.type == EnginePacket::Type::ping ? "ping" : "message";
      log.push_back(std::string(type) + (packet.binary ? " binary " : " ") + std::string(packet.data) +
                    (packet.compress ? " compress" : ""));
    });
    conn.on_flush([this](std::size_t packets) { log.push_back("flush " + std::to_string(packets)); });
    conn.on_drain([this] { log.emplace_back("drain"); });
    conn.on_heartbeat([this] { log.emplace_back("heartbeat"); });
  }
  std::vector<std::string> take_log() { return std::exchange(log, {}); }

  HubWorld world;
  Socket socket;
  ClientWorld client{world};
  std::vector<std::string> log;
};

TEST_F(ConnectionListenersTest, ES101_ES126_ES127_ES128_tell_of_every_packet_that_goes_out_and_of_signs_of_life) {
  hear_all();
  socket.emit("x", 1);
  EXPECT_THAT(take_log(), ElementsAre(R"(message 2["x",1] compress)", "flush 1", "drain"));
  socket.compress(false).emit("x", Binary("bytes"));
  EXPECT_THAT(take_log(), ElementsAre(R"(message 51-["x",{"_placeholder":true,"num":0}])", "message binary bytes",
                                      "flush 2", "drain"));
  world.of("/").emit("to all");
  EXPECT_THAT(take_log(), ElementsAre(R"(message 2["to all"] compress)", "flush 1", "drain"));
  client.engine.pass(25s);
  EXPECT_THAT(take_log(), ElementsAre("ping ", "flush 1", "drain"));
  client.engine.text(9, "3");
  EXPECT_THAT(take_log(), ElementsAre("heartbeat"));
}

TEST_F(ConnectionListenersTest, may_go_while_they_run_and_none_is_left_to_pay_for) {
  auto const conn = socket.conn();
  ListenerId first, second;
  first = conn.on_packet_create([&](EnginePacket const&) {
    log.emplace_back("first");
    conn.off(first);
    conn.off(second);
  });
  second = conn.on_packet_create([&](EnginePacket const&) { log.emplace_back("second"); });
  socket.emit("a");
  socket.emit("b");
  EXPECT_THAT(take_log(), ElementsAre("first"));
  conn.on_drain([&] { log.emplace_back("drain"); });
  socket.emit("c");
  EXPECT_THAT(take_log(), ElementsAre("drain"));
}

TEST_F(ConnectionListenersTest, one_that_throws_costs_nobody_anything) {
  auto const conn = socket.conn();
  conn.on_packet_create([](EnginePacket const&) { throw std::runtime_error("boom"); });
  conn.on_packet_create([this](EnginePacket const&) { log.emplace_back("the next one"); });
  client.engine.lines.clear();
  socket.emit("a");
  EXPECT_THAT(client.engine.take_lines(), ElementsAre(R"(ws9 42["a"])"));
  EXPECT_THAT(take_log(), ElementsAre("the next one"));
  EXPECT_EQ(world.hub.counters().handler_errors.get(), 1u);
}

TEST_F(ConnectionListenersTest, one_that_emits_does_not_spoil_the_packet_that_is_told) {
  socket.conn().on_packet_create([this](EnginePacket const& packet) {
    socket.emit("from the handler, and longer than what it was told of");
    log.emplace_back(packet.data);
  });
  client.engine.lines.clear();
  socket.emit("first");
  EXPECT_THAT(take_log(), ElementsAre(R"(2["first"])"));
  EXPECT_THAT(client.engine.take_lines(),
              ElementsAre(R"(ws9 42["from the handler, and longer than what it was told of"])", R"(ws9 42["first"])"));
}

/// In the midst of a broadcast: the others still hear it, and the one that ended hears of its end once.
TEST_F(ConnectionListenersTest, one_may_end_its_connection_or_its_socket_in_the_midst_of_a_broadcast) {
  std::vector<void (*)(Socket const&)> const ways = {
      [](Socket const& s) { s.conn().close(); },
      [](Socket const& s) { s.disconnect(); },
      [](Socket const& s) { s.disconnect(true); },
  };
  for (auto const& end : ways) {
    HubWorld own;
    std::vector<Socket> sockets;
    int ended = 0;
    own.of("/").on_connection([&](Socket const& s) {
      sockets.push_back(s);
      s.join("room");
    });
    own.of("/").on_disconnect([&](Socket const&, std::string_view) { ++ended; });
    ClientWorld one(own), two(own), three(own);
    for (auto* each : {&one, &two, &three}) each->say("0");
    sockets[1].conn().on_packet_create([&, called = false](EnginePacket const&) mutable {
      if (!std::exchange(called, true)) end(sockets[1]);
    });
    for (auto* each : {&one, &two, &three}) each->engine.lines.clear();
    own.of("/").to("room").emit("x");
    own.hub.end_of_turn();
    for (auto* each : {&one, &two, &three}) each->engine.pass(1ms);
    EXPECT_THAT(one.engine.take_lines(), ElementsAre(R"(ws9 42["x"])"));
    EXPECT_THAT(three.engine.take_lines(), ElementsAre(R"(ws9 42["x"])"));
    EXPECT_EQ(ended, 1);
    own.of("/").to("room").emit("y");
    EXPECT_THAT(one.engine.take_lines(), ElementsAre(R"(ws9 42["y"])"));
  }
}

TEST_F(ConnectionListenersTest, end_with_the_connection) {
  hear_all();
  auto const conn = socket.conn();
  client.engine.hang_up(9);
  take_log();
  EXPECT_EQ(conn.on_drain([] {}), ListenerId());
  socket.emit("x");
  EXPECT_THAT(take_log(), IsEmpty());
}

}  // namespace
}  // namespace chorus::socket
