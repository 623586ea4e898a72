// An instrumented server with four workers: passwords are checked beside them, and who looks sees what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "chorus/admin.hpp"
#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Of "changeit"; a check takes some hundred milliseconds.
constexpr char const* slow_hash = "$2b$12$abcdefghijklmnopqrstuuA0Q4TUo0mBq2T/gK70h/RML8HFykZxa";
constexpr char const* sign_in = R"(40/admin,{"username":"admin","password":"changeit"})";

class Admin : public ::testing::Test {
 protected:
  void start(AdminOptions options) {
    instrument(io, std::move(options));
    io.on("echo", [](Socket const& socket, int n) { socket.emit("echo", n); });
    io.on("join", [](Socket const& socket, std::string room) { socket.join(room); });
    io.start();
  }
  WebSocketClient on_worker(unsigned worker) {
    return WebSocketClient(io.port(), "&worker=" + std::to_string(worker % 4));
  }
  /// The next message that begins so; an error when there is none in time, whatever else comes.
  static std::string next(WebSocketClient& client, std::string_view begin) {
    for (auto const end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;)
      if (auto message = client.receive(); message.starts_with(begin)) return message;
    throw std::runtime_error("in vain: " + std::string(begin));
  }

  Server io{four_workers()};
};

TEST_F(Admin, a_password_is_checked_while_its_worker_serves_others) {
  start({.auth = BasicAuth{"admin", slow_hash}});
  auto client = on_worker(1);
  EXPECT_THAT(client.connect(), StartsWith("40{"));
  client.send(sign_in);
  client.send(R"(42["echo",7])");
  EXPECT_EQ(client.receive(), R"(42["echo",7])");
  EXPECT_THAT(client.receive(), StartsWith(R"(42/admin,["session",")")) << "before it is let in";
  EXPECT_THAT(client.receive(), StartsWith(R"(40/admin,{"sid":")"));
}

TEST_F(Admin, attempts_wait_for_each_other_and_too_many_are_refused) {
  start({.auth = BasicAuth{"admin", slow_hash}, .attempts_max = 1, .attempts_waiting_max = 1});
  std::vector<WebSocketClient> clients;
  for (unsigned i = 0; i < 4; ++i) clients.push_back(on_worker(i));
  for (auto& client : clients) client.send(sign_in);
  std::map<std::string, int> outcomes;
  for (auto& client : clients) {
    auto const answer = next(client, "4");
    ++outcomes[answer.starts_with("42/admin,[\"session\"") ? "let in" : answer];
  }
  auto const refused = outcomes[R"(44/admin,{"message":"too many attempts to sign in at once; try again"})"];
  EXPECT_GE(outcomes["let in"], 2);  // more only where the first check was done before the last client was heard
  EXPECT_GE(refused, 1);
  EXPECT_EQ(outcomes["let in"] + refused, 4);
  auto later = on_worker(2);
  later.send(sign_in);
  EXPECT_THAT(later.receive(), StartsWith(R"(42/admin,["session",")"));
}

TEST_F(Admin, who_does_not_read_what_it_is_told_is_closed_and_costs_nobody_else_anything) {
  start({.auth = NoAuth{}});
  auto sleeper = on_worker(0), client = on_worker(1);
  sleeper.connect("/admin");
  auto awake = on_worker(2);
  awake.connect("/admin");
  next(awake, "42/admin,[\"all_sockets\",");
  EXPECT_THAT(client.connect(), StartsWith("40{"));
  next(awake, "42/admin,[\"socket_connected\",{");
  // More than its backlog, and whatever the kernel keeps for it. The other one reads on, until it is told of the end.
  std::string const event = "42[\"much\",\"" + std::string(50'000, 'x') + "\"]";
  std::string told;
  int events = 0;
  while (!told.starts_with("42/admin,[\"socket_disconnected\",\"/admin\",") && events < 600) {
    client.send(event);
    do told = next(awake, "42/admin,[\"");
    while (told.starts_with("42/admin,[\"server_stats") || told.starts_with("42/admin,[\"room_"));
    ++events;
  }
  EXPECT_GT(events, 50);
  EXPECT_LT(events, 600);
  EXPECT_TRUE(sleeper.connection().ends());
  client.send(R"(42["echo",7])");
  EXPECT_EQ(client.receive(), R"(42["echo",7])");
}

/// What the UI makes of what it is told: the sockets of `/` with their rooms.
class Model {
 public:
  void take(std::string_view message) {
    constexpr std::string_view head = "42/admin,";
    if (!message.starts_with(head)) return;
    ArgView const list(message.substr(head.size()));
    auto const event = list[0].as<std::string>();
    if (event == "all_sockets") {
      rooms_.clear();
      for (ArrayCursor c(list[1]); auto const socket = c.next();) put(*socket);
    } else if (event == "socket_connected") {
      put(list[1]);
    } else if (event == "socket_disconnected") {
      rooms_.erase(text(list[2]));
    } else if (event == "room_joined") {
      auto const found = rooms_.find(text(list[3]));
      if (found != rooms_.end()) found->second.insert(text(list[2]));
    } else if (event == "room_left") {
      auto const found = rooms_.find(text(list[3]));
      if (found != rooms_.end()) found->second.erase(text(list[2]));
    }
  }
  /// By the socket's id; a room that was joined twice without being left is there twice.
  std::map<std::string, std::multiset<std::string>> const& rooms() const { return rooms_; }

 private:
  static std::string text(ArgView view) { return view.as<std::string>().value_or("?"); }
  void put(ArgView socket) {
    if (text(socket["nsp"]) != "/") return;
    auto& rooms = rooms_[text(socket["id"])];
    rooms.clear();
    for (auto& room : socket["rooms"].as<std::vector<std::string>>().value_or(std::vector<std::string>{}))
      rooms.insert(std::move(room));
  }
  std::map<std::string, std::multiset<std::string>> rooms_;
};

TEST_F(Admin, who_begins_to_look_in_the_midst_of_a_crowd_sees_it_as_it_is) {
  start({.auth = NoAuth{}});
  constexpr unsigned rounds = 25;
  std::vector<WebSocketClient> staying;
  std::map<std::string, std::multiset<std::string>> expected;
  std::thread crowd([&] {
    for (unsigned i = 0; i < rounds; ++i) {
      for (unsigned worker = 0; worker < 4; ++worker) {
        auto client = on_worker(worker);
        auto const id = member(client.connect(), "sid");
        client.send(R"(42["join","hall"])");
        client.send(R"(42["echo",1])");
        next(client, R"(42["echo",1])");
        if (i % 5 != worker) continue;  // the others leave
        expected[id] = {id, "hall"};
        staying.push_back(std::move(client));
      }
    }
  });
  std::vector<WebSocketClient> admins;
  std::vector<Model> models(8);
  for (unsigned i = 0; i < models.size(); ++i) {
    admins.push_back(on_worker(i));
    admins.back().connect("/admin");
  }
  crowd.join();
  for (unsigned i = 0; i < models.size(); ++i) {
    auto const end = std::chrono::steady_clock::now() + patience;
    // Of an end that nobody has seen yet they will be told; the counts that come every two seconds keep this awake.
    while (models[i].rooms() != expected && std::chrono::steady_clock::now() < end) models[i].take(admins[i].receive());
    EXPECT_EQ(models[i].rooms(), expected) << "of the one on worker " << i % 4;
  }
}

}  // namespace
}  // namespace chorus
