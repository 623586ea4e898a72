// Who is woken by a message: counted by the kernel, which knows how often each thread has slept.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

constexpr int messages = 500;
/// A worker that nobody needs may still wake for a timer of its own, now and then. One that is needed wakes for nearly
/// each message, but on a busy machine it may be kept from sleeping before the next one is there.
constexpr long seldom = messages / 25;

/// Thread -> how often it has waited for something.
std::map<std::string, long> sleeps_of_threads() {
  std::map<std::string, long> sleeps;
  for (auto const& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string word; status >> word;)
      if (word == "voluntary_ctxt_switches:") status >> sleeps[task.path().filename()];
  }
  return sleeps;
}

class Waking : public ::testing::Test {
 protected:
  static ServerOptions unwatched() {  // every thread but the workers would be taken for one
    auto options = four_workers();
    options.slow_handler = std::chrono::milliseconds(0);
    return options;
  }
  Waking() : io(unwatched()) {
    io.on("join", [](Socket const& socket, std::string room, Ack ack) {
      socket.join(room);
      ack();
    });
    io.on("tell room", [this](std::string room, int n) { io.to(room).emit("told", n); });
    io.on("tell user", [this](std::string user, int n) { io.user(UserId{user}).emit("told", n); });
    io.on("tell all", [this](int n) { io.emit("told", n); });
    io.use([](Handshake const& handshake) -> Admission {
      auto const id = handshake.query("id");
      return id ? admit(UserId{std::string(*id)}) : admit();
    });
    std::thread([] {}).join();  // with the first one a sanitizer begins another of its own
    auto const before = sleeps_of_threads();
    io.start();
    for (auto const& [thread, sleeps] : sleeps_of_threads())
      if (!before.contains(thread)) workers.push_back(thread);
    for (int worker = 0; worker < 4; ++worker) {
      clients.emplace_back(io.port(), "&worker=" + std::to_string(worker) + "&id=user-" + std::to_string(worker));
      clients.back().connect();
    }
  }

  /// How often the workers slept, least first, while the first client said what the listeners, and nobody else, hear.
  std::vector<long> sleeps_during(std::string const& said, std::vector<WebSocketClient*> const& listeners) {
    auto const before = sleeps_of_threads();
    for (int n = 0; n < messages; ++n) {
      clients.front().send("42[" + said + "," + std::to_string(n) + "]");
      for (auto* const listener : listeners) EXPECT_EQ(listener->receive(), "42[\"told\"," + std::to_string(n) + "]");
    }
    auto const after = sleeps_of_threads();
    std::vector<long> sleeps;
    for (auto const& worker : workers) sleeps.push_back(after.at(worker) - before.at(worker));
    std::ranges::sort(sleeps);
    return sleeps;
  }

  Server io;
  std::vector<std::string> workers;
  std::vector<WebSocketClient> clients;  // one on each
};

TEST_F(Waking, a_worker_without_members_of_a_room_is_not_woken) {
  ASSERT_EQ(workers.size(), 4u);
  clients[1].send(R"(420["join","x"])");
  ASSERT_EQ(clients[1].receive(), "430[]");
  auto const sleeps = sleeps_during(R"("tell room","x")", {&clients[1]});
  EXPECT_LT(sleeps[1], seldom) << "two have nothing to do with it";
  EXPECT_GT(sleeps[2], seldom) << "the sender's worker and the member's";
}

TEST_F(Waking, a_worker_without_devices_of_a_user_is_not_woken) {
  auto const sleeps = sleeps_during(R"("tell user","user-3")", {&clients[3]});
  EXPECT_LT(sleeps[1], seldom);
  EXPECT_GT(sleeps[2], seldom);
}

TEST_F(Waking, a_message_to_all_wakes_all) {
  auto const sleeps = sleeps_during(R"("tell all")", {&clients[0], &clients[1], &clients[2], &clients[3]});
  EXPECT_GT(sleeps[0], seldom);
}

}  // namespace
}  // namespace chorus
