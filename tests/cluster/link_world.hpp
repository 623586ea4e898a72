// What the tests of RedisLink share: a link, everything it told, and waiting for it with a limit.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "cluster/redis/redis_link.hpp"
#include "support/log_lines.hpp"

namespace chorus::cluster::redis {

using testing::LogLines;

inline constexpr std::chrono::seconds link_patience{30};

struct Heard {
  std::string pattern;
  std::string channel;
  std::string payload;
};

/// Notes everything; tests look at the notes under the lock of wait_until().
class Notes final : public RedisEvents {
 public:
  void on_message(Bytes pattern, Bytes channel, Bytes payload) override {
    note([&] { messages.push_back({std::string(pattern), std::string(channel), std::string(payload)}); });
  }
  void on_messages_read() override {
    note([&] { message_counts_at_end.push_back(messages.size()); });
  }
  void on_up() override {
    note([&] {
      ++ups;
      states.push_back("up");
      message_count_at_up = messages.size();
    });
    if (when_up) when_up();
  }
  void on_down(std::string_view reason) override {
    note([&] {
      ++downs;
      states.push_back("down: " + std::string(reason));
    });
  }
  void on_tick(TimePoint) override {
    note([&] { ++ticks; });
  }
  /// Adds a line from any thread.
  void tell(std::string line) {
    note([&] { told.push_back(std::move(line)); });
  }

  /// False, and a failure of the test, when it does not come true in time.
  bool wait_until(std::function<bool(Notes const&)> const& condition, char const* what) {
    std::unique_lock lock(mutex_);
    bool const true_now = changed_.wait_for(lock, link_patience, [&] { return condition(*this); });
    EXPECT_TRUE(true_now) << "waited in vain for " << what;
    return true_now;
  }
  template <class F>
  auto look(F f) {
    std::lock_guard lock(mutex_);
    return f(*this);
  }

  std::vector<Heard> messages;
  std::vector<std::string> states;
  std::vector<std::string> told;
  std::size_t message_count_at_up = 0;
  std::vector<std::size_t> message_counts_at_end;  // of each batch
  int ups = 0;
  int downs = 0;
  int ticks = 0;
  std::function<void()> when_up;  // set before the start

 private:
  template <class F>
  void note(F f) {
    std::lock_guard lock(mutex_);
    f();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

inline RedisUrl parsed(std::string const& url) {
  auto const parsed_url = parse_redis_url(url);
  if (!parsed_url) throw std::runtime_error(parsed_url.error().sentence);
  return *parsed_url;
}

/// Quick in everything that a test would wait for.
inline RedisOptions quick_options(std::string const& url) {
  RedisOptions options{.url = parsed(url)};
  options.back_off = {.first = std::chrono::milliseconds(5), .longest = std::chrono::milliseconds(50)};
  options.tick = std::chrono::milliseconds(50);
  return options;
}

/// A link and its notes.
struct World {
  explicit World(RedisOptions options) : link(std::move(options), notes) {}
  explicit World(std::string const& url) : World(quick_options(url)) {}

  void start_and_wait_until_up() {
    link.start();
    notes.wait_until([](Notes const& n) { return n.ups == 1; }, "the link to come up");
  }
  /// Waits by the link's own ticks.
  template <class F>
  bool wait_for_stats(F condition, char const* what) {
    auto const deadline = SteadyClock::now() + link_patience;
    while (!condition(link.stats())) {
      int const ticks = notes.look([](Notes const& n) { return n.ticks; });
      if (SteadyClock::now() > deadline ||
          !notes.wait_until([&](Notes const& n) { return n.ticks > ticks; }, "a tick")) {
        ADD_FAILURE() << "waited in vain for " << what;
        return false;
      }
    }
    return true;
  }
  bool wait_until_settled() {
    return wait_for_stats([](RedisStats const& s) { return s.ledger.settled() == s.ledger.published; },
                          "all publishes to settle");
  }
  /// Posts a command and waits for its answer as text; errors with "-" before them.
  std::string ask(std::vector<std::string> arguments) {
    auto const before = notes.look([](Notes const& n) { return n.told.size(); });
    link.command(std::move(arguments), [this](Reply const& reply) {
      notes.tell((reply.is_error() ? "-" : "") + std::string(reply.text()) +
                 (reply.type() == RespType::integer ? std::to_string(reply.integer()) : ""));
    });
    notes.wait_until([&](Notes const& n) { return n.told.size() > before; }, "an answer");
    return notes.look([](Notes const& n) { return n.told.back(); });
  }

  Notes notes;
  RedisLink link;
};

/// Every publish is in exactly one counter, and none is under way.
inline void expect_settled(Ledger const& ledger) {
  EXPECT_EQ(ledger.published, ledger.confirmed + ledger.spooled_sent + ledger.dropped + ledger.unknown);
  EXPECT_EQ(ledger.waiting, 0u);
  EXPECT_EQ(ledger.in_flight, 0u);
}

}  // namespace chorus::cluster::redis
