// The end of a server under traffic: what it has confirmed has reached everyone who was there.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

constexpr int workers = 4;

WebSocketClient client_on(Server const& io, int worker) {
  WebSocketClient client(io.port(), "&worker=" + std::to_string(worker));
  client.connect();
  return client;
}

using Heard = std::future<std::vector<std::string>>;

/// Everything until the end of the connection.
Heard all_of(WebSocketClient client) {
  return std::async(
      std::launch::async,
      [](WebSocketClient connected) {
        std::vector<std::string> heard;
        try {
          for (;;) heard.push_back(connected.receive());
        } catch (std::runtime_error const&) {
          return heard;
        }
      },
      std::move(client));
}

std::string said(int n) { return "42[\"said\"," + std::to_string(n) + "]"; }

TEST(Stopping, no_worker_closes_while_another_still_serves_what_it_heard) {
  Server io(four_workers());
  std::promise<void> heard;
  io.on("say", [&](Socket const&, int n, Ack ack) {
    heard.set_value();
    // The time in which the others would have closed; none of them may need it.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    io.emit("said", n);
    ack(true);
  });
  io.start();
  std::vector<Heard> others;
  for (int worker = 1; worker < workers; ++worker) others.push_back(all_of(client_on(io, worker)));
  WebSocketClient speaker = client_on(io, 0);
  speaker.send("421[\"say\",7]");
  heard.get_future().wait();
  auto told = all_of(std::move(speaker));
  io.stop();
  EXPECT_EQ(told.get(), (std::vector<std::string>{said(7), "431[true]"}));
  for (auto& other : others) EXPECT_EQ(other.get(), std::vector<std::string>{said(7)});
}

/// Says its own numbers one after another until the server ends; those that were confirmed.
std::vector<int> speak(WebSocketClient speaker, int first, std::atomic<int>& confirmed) {
  std::vector<int> mine;
  try {
    for (int n = first;; ++n) {
      speaker.send("421[\"say\"," + std::to_string(n) + "]");
      while (speaker.receive() != "431[true]") {
      }
      mine.push_back(n);
      ++confirmed;
    }
  } catch (std::runtime_error const&) {
    return mine;
  }
}

TEST(Stopping, what_was_confirmed_has_reached_every_client_of_every_worker) {
  Server io(four_workers());
  io.on("say", [&io](Socket const&, int n, Ack ack) {
    io.emit("said", n);
    ack(true);
  });
  io.start();
  std::vector<Heard> listeners;
  std::vector<std::future<std::vector<int>>> speakers;
  std::atomic<int> confirmed{0};
  for (int worker = 0; worker < workers; ++worker) listeners.push_back(all_of(client_on(io, worker)));
  for (int worker = 0; worker < workers; ++worker)
    speakers.push_back(
        std::async(std::launch::async, speak, client_on(io, worker), worker * 1'000'000, std::ref(confirmed)));
  while (confirmed < 200) std::this_thread::yield();
  io.stop();
  std::set<std::string> everything;
  for (auto& speaker : speakers)
    for (int const n : speaker.get()) everything.insert(said(n));
  for (auto& listener : listeners) {
    auto const heard = listener.get();
    std::set<std::string> const once(heard.begin(), heard.end());
    EXPECT_EQ(once.size(), heard.size());
    for (auto const& message : everything) EXPECT_TRUE(once.contains(message)) << message;
  }
}

TEST(Stopping, a_request_that_comes_meanwhile_is_refused_and_not_confirmed) {
  Server io(four_workers());
  std::promise<void> heard;
  std::atomic<int> handled{0};
  io.on("hold", [&](Socket const&) {
    heard.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  });
  io.on("say", [&](Socket const&) { ++handled; });
  io.start();
  auto holder = client_on(io, 0);
  auto const sid = open_polling(io.port(), "&worker=1");
  // A connection that belongs to no worker's listening socket any more has to be there before the end begins.
  Connection connection(io.port());
  write_request(connection, "POST", polling_path("&sid=" + sid), "40");
  ASSERT_EQ(read_reply(connection).status, 200);
  holder.send("42[\"hold\"]");
  heard.get_future().wait();
  auto held = all_of(std::move(holder));
  auto stopped = std::async(std::launch::async, [&] { io.stop(); });
  // Some are still heard, since the end has not come to that worker yet; then one is not.
  int confirmed = 0;
  try {
    for (;; ++confirmed) {
      write_request(connection, "POST", polling_path("&sid=" + sid), "42[\"say\"]");
      if (auto const reply = read_reply(connection); reply.status != 200) break;
    }
  } catch (std::runtime_error const&) {
  }
  connection.close();
  stopped.wait();
  EXPECT_EQ(handled, confirmed);
}

}  // namespace
}  // namespace chorus
