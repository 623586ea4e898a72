// The server as its default namespace: what is said to one is said to the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

/// Four clients of the default namespace, each on a worker of its own and in a room of its number; and one of `/other`.
class DefaultNamespace : public ::testing::Test {
 protected:
  DefaultNamespace() {
    io.on("join", [](Socket const& socket, std::string room, Ack ack) {
      socket.join(room);
      ack(socket.id());
    });
    io.of("/other").on_connection([](Socket const&) {});
    io.start();
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back(io.port(), "&worker=" + std::to_string(i));
      clients[i].connect();
      clients[i].send("421[\"join\",\"room " + std::to_string(i) + "\"]");
      auto const answer = clients[i].receive();  // 431["<id>"]
      ids.push_back(answer.substr(5, answer.size() - 7));
    }
    other.emplace(io.port());
    other->connect("/other");
  }
  /// Who hears `event` before the end that is told to all.
  std::string hearers(std::string const& event) {
    io.of("/").emit("end");
    std::string found;
    for (int i = 0; i < 4; ++i)
      for (std::string text; (text = clients[i].receive()) != R"(42["end"])";)
        if (text == "42[\"" + event + "\"]") found += std::to_string(i);
    return found;
  }

  Server io{four_workers()};
  std::vector<WebSocketClient> clients;
  std::vector<std::string> ids;
  std::optional<WebSocketClient> other;
};

TEST_F(DefaultNamespace, NS1_NS8_is_had_by_both_of_its_names) {
  EXPECT_EQ(io.of("").name(), "/");
  io.of("").emit("a");
  EXPECT_EQ(hearers("a"), "0123");
  io.of("/").emit("b");
  EXPECT_EQ(hearers("b"), "0123");
}

TEST_F(DefaultNamespace, NS2_speaks_through_the_server_too_and_to_no_other) {
  io.emit("a");
  EXPECT_EQ(hearers("a"), "0123");
  io.to("room 1").to(ids[2]).emit("b");
  EXPECT_EQ(hearers("b"), "12");
  io.of("/other").emit("c");
  EXPECT_EQ(other->receive(), R"(42/other,["c"])") << "nothing came before it";
}

TEST_F(DefaultNamespace, MM14_NS3_gives_audiences_that_know_nothing_of_each_other) {
  auto const one = io.to("room 1");
  auto const both = one.to("room 2");
  io.to("room 3").emit("a");
  EXPECT_EQ(hearers("a"), "3");
  one.emit("b");
  EXPECT_EQ(hearers("b"), "1");
  both.except("room 1").emit("c");
  EXPECT_EQ(hearers("c"), "2");
  both.local().volatile_().compress(false).except(ids[2]).emit("d");
  EXPECT_EQ(hearers("d"), "1");
  both.emit("e");
  EXPECT_EQ(hearers("e"), "12");
}

TEST_F(DefaultNamespace, NS25_NS27_leaves_out_sockets_and_rooms) {
  io.of("/").except(ids[1]).except("room 3").emit("a");
  EXPECT_EQ(hearers("a"), "02");
}

TEST(Servers, EE3_EE4_are_made_with_options_and_without) {
  EXPECT_EQ(Server().of("/").name(), "/");
  ServerOptions options = four_workers();
  options.workers = 2;
  Server io(options);
  io.start();
  EXPECT_EQ(io.workers(), 2u);
}

TEST(Servers, SA21_listen_on_the_port_that_they_are_given) {
  auto options = four_workers();
  {
    Server io(options);
    io.start();
    options.port = io.port();
  }
  Server io(options);
  io.start();
  EXPECT_EQ(io.port(), options.port);
  EXPECT_TRUE(WebSocketClient(options.port).connect().starts_with("40{"));
}

TEST(Namespaces, NS5_NS11_tell_of_each_connection_where_they_are_made) {
  Server io(four_workers());
  io.of("/chat").on_connection([](Socket const& socket) { socket.emit("welcome", socket.nsp()); });
  io.on_connection([](Socket const& socket) { socket.emit("welcome", socket.nsp()); });
  io.start();
  WebSocketClient client(io.port());
  client.connect("/chat");
  EXPECT_EQ(client.receive(), R"(42/chat,["welcome","/chat"])");
  client.connect();
  EXPECT_EQ(client.receive(), R"(42["welcome","/"])");
}

}  // namespace
}  // namespace chorus
