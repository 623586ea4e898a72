// What a program that sets ServerOptions::on_answer is told.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

TEST(Measuring, tells_of_each_answer_on_every_worker_and_of_no_broadcast) {
  std::atomic<int> answers{0}, too_short{0};
  auto options = four_workers();
  options.on_answer = [&](std::chrono::nanoseconds time) {
    ++answers;
    if (time <= std::chrono::nanoseconds::zero()) ++too_short;
  };
  Server io(options);
  io.on("echo", [](Socket const& socket, ArgView x) { socket.emit("echo", x); });
  io.on("broadcast", [everyone = io.of("/")](ArgView x) { everyone.emit("broadcast", x); });
  io.start();
  std::vector<WebSocketClient> clients;
  for (int worker = 0; worker < 4; ++worker) {
    clients.emplace_back(io.port(), "&worker=" + std::to_string(worker));
    clients.back().connect();
  }
  constexpr int rounds = 20, of_connecting_max = 2;  // the handshake, and the namespace
  for (int round = 0; round < rounds; ++round) {
    for (auto& client : clients) {
      client.send(R"(42["echo",1])");
      ASSERT_EQ(client.receive(), R"(42["echo",1])");
      client.send(R"(42["broadcast",2])");
      for (auto& receiver : clients) ASSERT_EQ(receiver.receive(), R"(42["broadcast",2])");
    }
  }
  clients.clear();
  io.stop();  // what a client had before it was measured has been told by then
  EXPECT_GE(answers, 4 * rounds);
  EXPECT_LE(answers, 4 * (rounds + of_connecting_max));
  EXPECT_EQ(too_short, 0);
}

}  // namespace
}  // namespace chorus
