// Rooms, users and presence over the workers of one process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"
#include "support/resident_memory.hpp"

namespace chorus {
namespace {

using namespace testing;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int slow_down = 20;  // sanitizers look for races, not for volume
#else
constexpr int slow_down = 1;
#endif

bool eventually(std::function<bool()> const& condition) {
  auto const deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string on_worker(int worker) { return "&worker=" + std::to_string(worker); }

TEST(Rooms, a_join_that_was_acknowledged_is_seen_by_the_next_emit_on_any_worker) {
  Server io(four_workers());
  io.on("join", [](Socket const& s, std::string room, Ack ack) {
    s.join(room);
    ack(true);
  });
  io.on("leave", [](Socket const& s, std::string room, Ack ack) {
    s.leave(room);
    ack(true);
  });
  io.on("tell", [&io](std::string room, int n) { io.to(room).emit("told", n); });
  io.start();

  constexpr int pairs = 4, rounds = 25'000 / slow_down;  // 100,000 in all
  std::vector<std::thread> threads;
  for (int p = 0; p < pairs; ++p)
    threads.emplace_back([&, p] {
      WebSocketClient a(io.port(), on_worker(p)), b(io.port(), on_worker((p + 1) % 4));
      a.connect();
      b.connect();
      auto const room = "room-" + std::to_string(p);
      for (int n = 0; n < rounds; ++n) {
        a.send("421[\"join\",\"" + room + "\"]");
        ASSERT_EQ(a.receive(), "431[true]");
        b.send("42[\"tell\",\"" + room + "\"," + std::to_string(n) + "]");
        ASSERT_EQ(a.receive(), "42[\"told\"," + std::to_string(n) + "]");
        a.send("422[\"leave\",\"" + room + "\"]");
        ASSERT_EQ(a.receive(), "432[true]");
      }
    });
  for (auto& thread : threads) thread.join();
}

TEST(Rooms, sockets_that_are_told_to_join_get_what_is_emitted_right_behind_it) {
  Server io(four_workers());
  io.on("id", [](Socket const& s, Ack ack) { ack(s.id()); });
  io.on("pull", [&io](std::string id, int n) {
    auto const room = "room " + std::to_string(n);  // new each time: nobody is known to be in it
    io.to(id).sockets_join({room});
    io.to(room).emit("told", n);
    io.to(id).sockets_leave({room});
  });
  io.start();
  WebSocketClient a(io.port(), on_worker(0)), b(io.port(), on_worker(3));
  a.connect();
  b.connect();
  a.send("421[\"id\"]");
  auto const answer = a.receive();  // 431["<id>"]
  auto const id = answer.substr(5, answer.size() - 7);
  for (int n = 0; n < 500; ++n) {
    b.send("42[\"pull\",\"" + id + "\"," + std::to_string(n) + "]");
    ASSERT_EQ(a.receive(), "42[\"told\"," + std::to_string(n) + "]");
  }
}

TEST(Rooms, a_handler_that_holds_its_own_namespace_does_not_outlive_the_server) {
  auto const kept = std::make_shared<int>(1);
  {
    Server io(four_workers());
    auto const nsp = io.of("/own");
    io.of("/own").on("x", [nsp, kept](Socket const&) { nsp.emit("x"); });
    io.start();
    EXPECT_GT(kept.use_count(), 1);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(Rooms, each_receiver_gets_one_senders_events_in_order_from_every_worker) {
  Server io(four_workers());
  io.on("say", [](Socket const& s, int sender, int n) { s.broadcast().emit("said", sender, n); });
  io.start();
  constexpr int messages = 2'000 / slow_down;
  std::vector<WebSocketClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(io.port(), on_worker(i));
    clients.back().connect();
  }
  std::vector<std::thread> threads;
  for (int me = 0; me < 4; ++me)
    threads.emplace_back([&, me] {
      for (int n = 0; n < messages; ++n)
        clients[me].send("42[\"say\"," + std::to_string(me) + "," + std::to_string(n) + "]");
      std::vector<int> next(4, 0);
      for (int got = 0; got < 3 * messages; ++got) {
        auto const text = clients[me].receive();
        int sender = -1, n = -1;
        ASSERT_EQ(std::sscanf(text.c_str(), "42[\"said\",%d,%d]", &sender, &n), 2) << text;
        ASSERT_NE(sender, me);
        ASSERT_EQ(n, next[sender]++);
      }
    });
  for (auto& thread : threads) thread.join();
}

class Users : public ::testing::Test {
 protected:
  Users() : io(four_workers()), nsp(io.of("/socket")) {
    nsp.use([](Handshake const& hs) -> Admission {
      auto const id = hs.auth<std::string>("id");
      return id ? admit(UserId{*id}) : refuse("who are you?");
    });
  }
  static std::string auth(std::string const& id) { return R"({"id":")" + id + R"("})"; }

  Server io;
  Namespace nsp;
};

TEST_F(Users, a_dispatch_from_a_foreign_thread_reaches_every_device_on_every_worker) {
  Router router(nsp);
  io.start();
  std::vector<WebSocketClient> devices;
  for (int i = 0; i < 4; ++i) {
    devices.emplace_back(io.port(), on_worker(i));
    ASSERT_TRUE(devices.back().connect("/socket", auth("ann")).starts_with("40/socket,{"));
  }
  WebSocketClient other(io.port());
  other.connect("/socket", auth("bob"));
  for (int n = 0; n < 100; ++n) router.dispatch(UserId{"ann"}, "news", n);
  router.dispatch(UserId{"bob"}, "news", -1);
  for (auto& device : devices)
    for (int n = 0; n < 100; ++n)
      ASSERT_EQ(device.receive(),
                R"(42/socket,["message",{"event":"news","id":"ann","args":)" + std::to_string(n) + "}]");
  EXPECT_EQ(other.receive(), R"(42/socket,["message",{"event":"news","id":"bob","args":-1}])");
}

TEST_F(Users, presence_tells_edges_in_the_order_of_what_happened) {
  std::mutex mutex;
  std::vector<std::pair<std::size_t, bool>> seen;
  nsp.on_presence([&](Presence const& p) {
    std::lock_guard lock(mutex);
    seen.emplace_back(p.devices.size(), p.edge);
  });
  io.start();
  auto count = [&] {
    std::lock_guard lock(mutex);
    return seen.size();
  };
  {
    WebSocketClient phone(io.port(), on_worker(1)), desktop(io.port(), on_worker(2));
    phone.connect("/socket", auth("ann"));
    desktop.connect("/socket", auth("ann"));
    ASSERT_TRUE(eventually([&] { return count() == 2; }));
    EXPECT_EQ(nsp.devices(UserId{"ann"}).size(), 2u);
    phone.connection().close();
    ASSERT_TRUE(eventually([&] { return count() == 3; }));
  }
  ASSERT_TRUE(eventually([&] { return count() == 4; }));
  using Seen = std::pair<std::size_t, bool>;
  EXPECT_THAT(seen, ::testing::ElementsAre(Seen{1, true}, Seen{2, false}, Seen{1, false}, Seen{0, true}));
  EXPECT_TRUE(nsp.devices(UserId{"ann"}).empty());
}

TEST_F(Users, MW5_SK52_UW9_a_late_verdict_admits_and_a_refused_client_leaves_nothing_behind) {
  nsp.use([](Socket const& socket, Verdict verdict) {
    socket.join("waiting");
    bool const welcome = socket.user().value != "mallory";
    std::thread([verdict, welcome] { verdict(welcome ? admit() : refuse("not you", 403)); }).detach();
  });
  io.start();
  WebSocketClient ann(io.port()), mallory(io.port());
  EXPECT_TRUE(ann.connect("/socket", auth("ann")).starts_with("40/socket,{"));
  EXPECT_EQ(mallory.connect("/socket", auth("mallory")), R"(44/socket,{"message":"not you","data":403})");
  nsp.to("waiting").emit("hi");
  EXPECT_EQ(ann.receive(), R"(42/socket,["hi"])");
  EXPECT_EQ(nsp.users().size(), 1u);
}

TEST_F(Users, ten_thousand_connects_and_disconnects_of_a_thousand_users_leave_nothing_behind) {
  io.start();
  auto churn = [&](int connects, unsigned seed) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        std::mt19937 random(seed + static_cast<unsigned>(t));
        std::vector<WebSocketClient> open;
        for (int i = 0; i < connects / 4; ++i) {
          open.emplace_back(io.port());
          open.back().connect("/socket", auth("user-" + std::to_string(random() % 1'000)));
          if (open.size() > 50 || random() % 2 == 0) {
            std::swap(open[random() % open.size()], open.back());
            if (random() % 2 == 0) open.back().send("41/socket,");
            open.pop_back();
          }
        }
      });
    for (auto& thread : threads) thread.join();
    ASSERT_TRUE(
        eventually([&] { return nsp.users().empty() && io.stats().sessions == 0 && io.stats().connections == 0; }));
    EXPECT_EQ(io.stats().users, 0u);
  };
  churn(2'000 / slow_down, 1);  // what is kept for reuse is there after this
  malloc_trim(0);
  auto const before = resident_kilobytes();
  churn(10'000 / slow_down, 2);
  malloc_trim(0);
  if (slow_down == 1) {
    EXPECT_LE(resident_kilobytes(), before + 2'048) << "memory did not come back";
  }
}

}  // namespace
}  // namespace chorus
