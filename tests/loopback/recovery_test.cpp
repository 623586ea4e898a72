// Connection state recovery over the worker_count of one process: what a client that is cut off and comes back, on any
// worker and under traffic from all of them, hears in the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using namespace std::chrono_literals;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int thinned = 10;  // sanitizers look for races, not for volume
#else
constexpr int thinned = 1;
#endif

constexpr int worker_count = 4;

ServerOptions with_recovery() {
  auto options = four_workers();
  options.connection_state_recovery.max_disconnection = 60s;
  return options;
}

/// What the stock client takes for its offset: any string that is the last argument of an event.
std::string last_string(std::string const& packet) {
  if (!packet.starts_with("42[") || !packet.ends_with("\"]")) return {};
  auto const begin = packet.rfind('"', packet.size() - 3) + 1;
  return packet.substr(begin, packet.size() - 2 - begin);
}

/// A client as the stock one is, that can be cut and put to another worker.
class Wanderer {
 public:
  Wanderer(std::uint16_t port, int worker, std::string own_auth = "") : port_(port), own_auth_(std::move(own_auth)) {
    come(worker);
  }

  /// True: the server let it go on where it was.
  bool come(int worker) {
    client_.emplace(port_, "&worker=" + std::to_string(worker));
    std::string auth = own_auth_;
    if (!pid_.empty()) {
      if (!auth.empty()) auth += ',';
      auth += R"("pid":")" + pid_ + '"';
      if (!offset_.empty()) auth += R"(,"offset":")" + offset_ + '"';
    }
    client_->send("40{" + auth + "}");
    std::vector<std::string> early;
    std::string packet = client_->receive();
    for (; !packet.starts_with("40"); packet = client_->receive()) early.push_back(packet);
    bool const recovered = member(packet, "pid") == pid_;
    pid_ = member(packet, "pid");
    sid_ = member(packet, "sid");
    for (auto const& event : early) take(event);
    return recovered;
  }
  void cut() { client_->connection().close(); }
  void send(std::string_view packet) { client_->send(packet); }

  /// One more packet.
  std::string hear() {
    auto packet = client_->receive();
    take(packet);
    return packet;
  }
  std::vector<std::string> const& heard() const { return heard_; }
  std::string const& sid() const { return sid_; }
  std::string const& offset() const { return offset_; }

 private:
  void take(std::string const& packet) {
    if (auto offset = last_string(packet); !offset.empty()) offset_ = std::move(offset);
    heard_.push_back(packet);
  }

  std::uint16_t const port_;
  std::string const own_auth_;
  std::optional<WebSocketClient> client_;
  std::string pid_, sid_, offset_;
  std::vector<std::string> heard_;
};

TEST(Recovery, a_client_comes_back_on_any_worker_from_any_worker) {
  Server io(with_recovery());
  std::mutex mutex;
  std::map<std::string, std::pair<int, bool>> seen;  // by socket id: its last worker, and whether it was recovered
  std::map<std::string, Socket> first;
  io.on_connection([&](Socket const& s) {
    if (!s.recovered()) s.join("room");
    std::lock_guard lock(mutex);
    seen[std::string(s.id())] = {static_cast<int>(s.worker()), s.recovered()};
    first.emplace(s.id(), s);
  });
  io.start();
  for (int from = 0; from < worker_count; ++from)
    for (int to = 0; to < worker_count; ++to) {
      Wanderer client(io.port(), from);
      auto const sid = client.sid();
      io.to("room").emit("a");
      client.hear();
      client.cut();
      io.to("room").emit("b");
      io.to(sid).emit("c");
      ASSERT_TRUE(client.come(to)) << from << " to " << to;
      ASSERT_EQ(client.sid(), sid);
      std::optional<Socket> before;
      {
        std::lock_guard lock(mutex);
        before = first.at(sid);
      }
      io.to("room").emit("d");
      io.to(sid).emit("e");
      before->emit("f");  // a handle to the former socket
      while (client.heard().size() < 6) client.hear();
      std::string names;
      for (auto const& packet : client.heard()) names += packet.substr(4, 1);
      EXPECT_EQ(names, "abcdef") << from << " to " << to;
      std::lock_guard lock(mutex);
      EXPECT_EQ(seen[sid], std::pair(to, true));
    }
  EXPECT_EQ(io.stats().recovery.recovered, std::uint64_t{worker_count * worker_count});
}

TEST(Recovery, over_polling_as_well) {
  Server io(with_recovery());
  io.start();
  auto const path = [](std::string const& sid) { return polling_path("&sid=" + sid); };
  auto sid = open_polling(io.port(), "&worker=1");
  request(io.port(), "POST", path(sid), "40");
  auto const connected = request(io.port(), "GET", path(sid)).body;
  io.emit("hello");
  auto const hello = request(io.port(), "GET", path(sid)).body;
  request(io.port(), "POST", path(sid), "1");
  io.emit("missed", 1);
  io.emit("missed", 2);
  sid = open_polling(io.port(), "&worker=2");
  request(io.port(), "POST", path(sid),
          R"(40{"pid":")" + member(connected, "pid") + R"(","offset":")" + last_string(hello) + "\"}");
  auto const body = request(io.port(), "GET", path(sid)).body;
  EXPECT_TRUE(body.starts_with("42[\"missed\",1,")) << body;
  EXPECT_NE(body.find("\x1e"
                      "42[\"missed\",2,"),
            std::string::npos)
      << body;
  EXPECT_TRUE(body.ends_with("\x1e" + connected)) << body;
}

/// What is said in the traffic of the test below: to whom, by its number.
enum class To { everyone, even, all_but_even, ada };
constexpr To to_whom(int n) { return static_cast<To>(n % 4); }

struct Traffic {
  explicit Traffic(Server& server) : io(server) {
    io.use([](Handshake const& hs) { return admit(UserId{hs.auth<std::string>("user").value_or("nobody")}); });
    io.on_connection([](Socket const& s) {
      if (s.recovered()) return;
      if (auto const room = s.handshake().auth<std::string>("room")) s.join(*room);
    });
    io.on("say", [this](Socket const&, int speaker, int n, Ack ack) {
      say(speaker, n);
      ack();
    });
  }
  void say(int speaker, int n) {
    auto const nsp = io.of("/");
    if (n % 7 == 0) nsp.everyone().volatile_().emit("v", "a string");
    if (n % 11 == 0)
      nsp.to("odd").timeout(1s).ask(
          "q", [](Answers const&) {}, "a string");
    switch (to_whom(n)) {
      case To::everyone:
        return nsp.emit("m", speaker, n);
      case To::even:
        return nsp.to("even").emit("m", speaker, n);
      case To::all_but_even:
        return nsp.except("even").emit("m", speaker, n);
      case To::ada:
        return nsp.user(UserId{"ada"}).emit("m", speaker, n);
    }
  }

  Server& io;
};

struct Listener {
  std::string user, room;
  bool hears(To to) const {
    return to == To::everyone || (to == To::even && room == "even") || (to == To::all_but_even && room != "even") ||
           (to == To::ada && user == "ada");
  }
};

/// Wanders until it has heard the last of every speaker; what it heard of each.
std::vector<std::vector<int>> wander(std::uint16_t port, Listener const& who, unsigned seed, int speakers,
                                     std::atomic<int>& here) {
  std::mt19937 random(seed);
  Wanderer client(port, static_cast<int>(random() % worker_count),
                  R"("user":")" + who.user + R"(","room":")" + who.room + '"');
  ++here;
  std::size_t read = 0;
  std::vector<std::vector<int>> numbers(static_cast<std::size_t>(speakers));
  int ended = 0;
  auto const look = [&] {
    for (; read < client.heard().size(); ++read) {
      int speaker = -1, n = -1;
      auto const& packet = client.heard()[read];
      if (std::sscanf(packet.c_str(), "42[\"end\",%d,", &speaker) == 1) ++ended;
      if (std::sscanf(packet.c_str(), "42[\"m\",%d,%d,", &speaker, &n) == 2)
        numbers[static_cast<std::size_t>(speaker)].push_back(n);
    }
  };
  while (ended < speakers) {
    for (auto left = random() % 60; left > 0 && ended < speakers; --left) {
      client.hear();
      look();
    }
    if (ended == speakers) break;
    client.cut();
    if (!client.come(static_cast<int>(random() % worker_count))) throw std::runtime_error("it was not recovered");
    look();
  }
  return numbers;
}

TEST(Recovery, under_traffic_from_all_workers_everyone_hears_each_packet_once_and_in_order) {
  Server io(with_recovery());
  Traffic traffic(io);
  io.start();
  constexpr int messages = 1'500 / thinned;
  constexpr int speakers = worker_count + 1;  // one for each worker, and a thread that is none
  std::vector<Listener> const listeners{{"ada", "even"}, {"ada", "odd"}, {"bob", "even"},
                                        {"bob", "odd"},  {"eve", ""},    {"ada", ""}};
  std::vector<std::vector<std::vector<int>>> heard(listeners.size());
  std::atomic<int> here{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < listeners.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        heard[i] = wander(io.port(), listeners[i], static_cast<unsigned>(i), speakers, here);
      } catch (std::exception const& error) {
        ADD_FAILURE() << "listener " << i << ": " << error.what();
        ++here;
      }
    });
  while (here < static_cast<int>(listeners.size())) std::this_thread::yield();
  for (int speaker = 0; speaker < worker_count; ++speaker)
    threads.emplace_back([&, speaker] {
      WebSocketClient client(io.port(), "&worker=" + std::to_string(speaker));
      client.connect();
      for (int n = 0; n < messages; ++n) {
        client.send("421[\"say\"," + std::to_string(speaker) + "," + std::to_string(n) + "]");
        while (client.receive() != "431[]") {
        }
      }
      io.emit("end", speaker);
    });
  threads.emplace_back([&] {
    for (int n = 0; n < messages; ++n) traffic.say(worker_count, n);
    io.emit("end", worker_count);
  });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    std::vector<int> expected;
    for (int n = 0; n < messages; ++n)
      if (listeners[i].hears(to_whom(n))) expected.push_back(n);
    ASSERT_EQ(heard[i].size(), std::size_t{speakers});
    for (int speaker = 0; speaker < speakers; ++speaker)
      EXPECT_EQ(heard[i][static_cast<std::size_t>(speaker)], expected) << "listener " << i << ", speaker " << speaker;
  }
  auto const stats = io.stats().recovery;
  EXPECT_GT(stats.recovered, 20u);
  EXPECT_EQ(stats.unknown_session + stats.unknown_offset + stats.too_much_missed, 0u);
}

TEST(Recovery, every_client_hears_one_order_of_all) {
  Server io(with_recovery());
  io.on("say", [&io](int n) { io.emit("m", n); });
  io.start();
  constexpr int messages = 1'000 / thinned;
  std::vector<WebSocketClient> clients;
  for (int worker = 0; worker < worker_count; ++worker) {
    clients.emplace_back(io.port(), "&worker=" + std::to_string(worker));
    clients.back().connect();
  }
  std::array<std::vector<std::string>, worker_count> heard;
  std::vector<std::thread> threads;
  for (int me = 0; me < worker_count; ++me)
    threads.emplace_back([&, me] {
      auto& client = clients[static_cast<std::size_t>(me)];
      for (int n = 0; n < messages; ++n) client.send("42[\"say\"," + std::to_string(me * messages + n) + "]");
      while (heard[static_cast<std::size_t>(me)].size() < std::size_t{worker_count} * messages)
        heard[static_cast<std::size_t>(me)].push_back(client.receive());
    });
  for (auto& thread : threads) thread.join();
  for (int worker = 1; worker < worker_count; ++worker) EXPECT_EQ(heard[0], heard[static_cast<std::size_t>(worker)]);
}

TEST(Recovery, nothing_overtakes_what_the_same_thread_asked_for_before) {
  Server io(with_recovery());
  std::mutex mutex;
  std::vector<Socket> sockets;
  io.on_connection([&](Socket const& s) {
    std::lock_guard lock(mutex);
    sockets.push_back(s);
  });
  auto const tell = [&](int n) {
    Socket const socket = [&] {
      std::lock_guard lock(mutex);
      return sockets.front();
    }();
    auto const nsp = io.of("/");
    auto const room = "room " + std::to_string(n);
    nsp.to(socket.id()).sockets_join({room});
    nsp.to(room).emit("a");
    nsp.to(room).sockets_leave({room});
    nsp.to(room).emit("not for it");
    nsp.to(socket.id()).timeout(5s).ask("b", [](Answers const&) {});
    socket.ask("c", 5s, [](Answer const&) {});
    socket.emit("d");
    nsp.to(socket.id()).emit("e");
  };
  io.on("tell", tell);
  io.on("noise", [&io](int n) { io.emit("noise", n); });  // keeps the listener's worker busy with its own emits
  io.start();
  WebSocketClient listener(io.port(), "&worker=1"), noisy(io.port(), "&worker=1"), teller(io.port(), "&worker=2");
  listener.connect();
  noisy.connect();
  teller.connect();
  for (int n = 0; n < 300 / thinned; ++n) {
    for (int i = 0; i < 3; ++i) noisy.send("42[\"noise\"," + std::to_string(n) + "]");
    teller.send("42[\"tell\"," + std::to_string(n) + "]");
    std::string names;
    for (int noises = 0; names.size() < 5 || noises < 3;) {
      auto const packet = listener.receive();
      if (packet.starts_with("42[\"noise\""))
        ++noises;
      else
        names += packet.substr(packet.find('"') + 1, 1);
    }
    ASSERT_EQ(names, "abcde");
  }
}

TEST(Recovery, handles_that_outlive_the_server_do_nothing) {
  std::optional<Namespace> nsp;
  std::optional<Socket> socket;
  std::optional<Wanderer> client;
  {
    Server io(with_recovery());
    std::atomic<bool> connected{false};
    io.on_connection([&](Socket const& s) {
      s.set_data(s);  // a session that holds a handle
      socket = s;
      connected = true;
    });
    nsp = io.of("/");
    nsp->emit("before it has started");
    io.start();
    client.emplace(io.port(), 0);
    while (!connected) std::this_thread::yield();
    client->cut();
  }
  nsp->emit("late");
  socket->emit("late");
  socket->join("late");
  nsp->to("late").sockets_join({"x"});
}

TEST(Recovery, memory_of_sessions_and_packets_comes_back_by_itself) {
  auto options = with_recovery();
  options.connection_state_recovery.max_disconnection = 200ms;
  Server io(options);
  std::atomic<int> connected{0};
  io.on_connection([&](Socket const&) { ++connected; });
  io.start();
  {
    std::vector<WebSocketClient> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back(io.port());
      clients.back().connect();
    }
    io.emit("hi");
  }
  io.emit("from a thread of its own, for nobody");
  auto const deadline = std::chrono::steady_clock::now() + patience;
  auto const empty = [&] {
    auto const stats = io.stats().recovery;
    return stats.sessions_expired == 8 && stats.sessions_kept == 0 && stats.packets_kept == 0 && stats.bytes_kept == 0;
  };
  while (!empty() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(empty());
}

}  // namespace
}  // namespace chorus
