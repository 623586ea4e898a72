// RedisBus against a real redis-server: what its letters do to workers that are slow to read them.
#include "cluster/redis/redis_bus.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "cluster/link_world.hpp"
#include "socket/hub.hpp"
#include "socket/recovery.hpp"
#include "support/log_lines.hpp"
#include "support/redis_server.hpp"

namespace chorus::cluster {
namespace {

using chorus::testing::RedisServer;

/// Mailboxes that nobody reads but the test.
class SlowWorkers {
 public:
  explicit SlowWorkers(RedisServer const& server, unsigned workers)
      : local(std::make_shared<LocalBus>(workers)),
        bus(std::make_shared<RedisBus>(RedisSettings{.url = "unix://" + server.socket_path()}, local)) {
    local->open(
        [this](unsigned, socket::Letter letter) { letters_.with([&](auto& l) { l.push_back(std::move(letter)); }); },
        [](unsigned) {});
    local->gained("/", socket::user_key(UserId{"ada"}), 0);
    bus->route({"news", "/", "message"});
    bus->start();
  }
  ~SlowWorkers() { bus->stop(); }

  std::size_t waiting() const {
    return letters_.with([](auto const& l) { return l.size(); });
  }
  /// Lets go of up to `count` letters; how many of them were messages.
  std::size_t read(std::size_t count) {
    std::deque<socket::Letter> read;
    letters_.with([&](auto& letters) {
      for (; count > 0 && !letters.empty(); --count) {
        read.push_back(std::move(letters.front()));
        letters.pop_front();
      }
    });
    std::size_t messages = 0;
    for (auto& letter : read) messages += std::holds_alternative<socket::BroadcastLetter>(letter) ? 1 : 0;
    return messages;
  }

  std::shared_ptr<LocalBus> const local;
  std::shared_ptr<RedisBus> const bus;

 private:
  Guarded<std::deque<socket::Letter>> letters_;
};

TEST(RedisBus, lets_messages_wait_in_redis_while_its_workers_do_not_read) {
  constexpr std::size_t messages = 2'000, size = 50'000;  // three times what may be under way
  RedisServer server({.arguments = {"--client-output-buffer-limit", "pubsub 0 0 0"}});
  SlowWorkers workers(server, 2);
  redis::World other("unix://" + server.socket_path());
  other.start_and_wait_until_up();
  other.wait_for_stats([&](auto const&) { return workers.bus->up(); }, "the bus to come up");
  std::string const text = R"({"event":"x","id":"ada","args":")" + std::string(size, 'x') + R"("})";
  for (std::size_t sent = 0; sent < messages; sent += 100) {
    for (int i = 0; i < 100; ++i) other.link.publish("news", text);
    other.wait_until_settled();
  }

  std::size_t before = 0;
  other.wait_for_stats([&](auto const&) { return std::exchange(before, workers.waiting()) == workers.waiting(); },
                       "a tick without a new letter");
  auto const limit = redis::InflowLimits().bytes_max;
  EXPECT_LT(workers.waiting(), limit / size + 100);
  EXPECT_GT(workers.waiting(), limit / size / 2);

  std::size_t read = 0;
  other.wait_for_stats([&](auto const&) { return (read += workers.read(messages)) == messages; }, "all messages");
}

TEST(RedisBus, what_comes_from_other_nodes_gets_its_place_in_the_order_of_this_process) {
  RedisServer server;
  auto const settings = RedisSettings{.url = "unix://" + server.socket_path()};
  auto const here = std::make_shared<LocalBus>(2), elsewhere = std::make_shared<LocalBus>(2);
  here->set_recovery(std::make_unique<socket::Recovery>(socket::RecoverySettings(), 2));
  here->recovery()->timeline("/");  // a namespace of this process
  here->open([](unsigned, socket::Letter const&) {}, [](unsigned) {});
  auto const bus = std::make_shared<RedisBus>(settings, here), sender = std::make_shared<RedisBus>(settings, elsewhere);
  bus->route({"news", "/", "message"});
  bus->start();
  sender->start();
  redis::World other(settings.url);
  other.start_and_wait_until_up();
  other.wait_for_stats([&](auto const&) { return bus->up() && sender->up(); }, "both to come up");

  socket::Target everyone;
  everyone.nsp = "/";
  ArgsWriter args;
  args.add("x");
  sender->broadcast(everyone, "hi", args);
  std::vector<std::string> kept;
  auto const count_kept = [&] {
    kept.clear();
    here->recovery()->timeline("/")->since(0)->for_each(
        [&](socket::LoggedPacket const& packet) { kept.emplace_back(packet.message->text()); });
    return kept.size();
  };
  other.wait_for_stats([&](auto const&) { return count_kept() == 1; }, "the broadcast");
  other.link.publish("news", R"({"event":"x","id":"ada","args":1})");
  other.wait_for_stats([&](auto const&) { return count_kept() == 2; }, "the dispatch");
  EXPECT_EQ(kept[0], R"(42["hi","x","AAAAAAAAB"])");
  EXPECT_EQ(kept[1], R"(42["message",{"event":"x","id":"ada","args":1},"AAAAAAAAC"])");
  sender->stop();
  bus->stop();
  here->close();
}

TEST(RedisBus, tells_of_its_messages_by_channel_and_length_where_somebody_asks) {
  RedisServer server;
  testing::LogLines log("cluster");
  auto const settings = RedisSettings{.url = "unix://" + server.socket_path()};
  auto const bus = std::make_shared<RedisBus>(settings, std::make_shared<LocalBus>(1));
  bus->start();
  redis::World other(settings.url);
  other.start_and_wait_until_up();
  other.wait_for_stats([&](auto const&) { return bus->up(); }, "the bus to come up");
  bus->publish("socket.io#/#", "a secret");
  std::vector<std::string> lines;
  auto const has = [&](std::string const& line) { return std::ranges::find(lines, line) != lines.end(); };
  other.wait_for_stats(
      [&](auto const&) {
        lines = log.all();
        return has("bus_in channel=socket.io#/# bytes=8");
      },
      "what was published to come back");
  EXPECT_TRUE(has("bus_out channel=socket.io#/# bytes=8"));
  for (auto const& line : lines) EXPECT_EQ(line.find("a secret"), line.npos) << line;
  bus->stop();
}

/// Asks and waits; the number, or the first word of why there is none.
std::string count_servers(RedisBus& bus, std::string_view nsp) {
  std::promise<std::string> counted;
  bus.server_count(nsp, [&](ServerCount const& count) {
    counted.set_value(count ? std::to_string(count.servers) : count.error.substr(0, count.error.find(' ')));
  });
  auto future = counted.get_future();
  return future.wait_for(redis::link_patience) == std::future_status::ready ? future.get() : "nothing";
}

TEST(RedisBus, counts_the_servers_that_subscribed_to_a_namespaces_requests) {
  RedisServer server;
  auto const settings = RedisSettings{.url = "unix://" + server.socket_path()};
  auto const make = [&] {
    auto bus = std::make_shared<RedisBus>(settings, std::make_shared<LocalBus>(2));
    bus->start();
    return bus;
  };
  auto const one = make(), two = make();
  redis::World other(settings.url);  // has the channel that a server of Node would have
  other.start_and_wait_until_up();
  other.wait_for_stats([&](auto const&) { return one->up() && two->up(); }, "both to come up");
  EXPECT_EQ(count_servers(*one, "/"), "1");  // a server counts itself, though it had no such namespace until now
  EXPECT_EQ(count_servers(*two, "/"), "2");
  EXPECT_EQ(count_servers(*two, "/chat"), "1");
  other.link.subscribe("socket.io-request#/chat#", [&](bool) { other.notes.tell("subscribed"); });
  other.notes.wait_until([](auto const& n) { return !n.told.empty(); }, "the subscription");
  EXPECT_EQ(count_servers(*two, "/chat"), "2");
  two->stop();
  EXPECT_EQ(count_servers(*two, "/"), "DOWN");
  EXPECT_EQ(count_servers(*one, "/"), "1");

  server.pause();  // Redis takes what is asked and says nothing
  EXPECT_EQ(count_servers(*one, "/"), "LATE");
  server.resume();
  EXPECT_EQ(count_servers(*one, "/"), "1");
  server.kill();
  auto const said = count_servers(*one, "/");
  EXPECT_TRUE(said == "DOWN" || said == "LOST") << said;
  server.start();
  other.wait_for_stats([&](auto const&) { return one->up(); }, "one to come up again");
  EXPECT_EQ(count_servers(*one, "/"), "1");
  one->stop();
}

}  // namespace
}  // namespace chorus::cluster
