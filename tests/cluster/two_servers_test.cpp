// Two servers of Chorus on one real Redis: what is for one of them stays there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "chorus/server.hpp"
#include "support/raw_client.hpp"
#include "support/redis_server.hpp"

namespace chorus {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using Events = std::vector<std::string>;

/// `here` and `there`, each with a client in the room "both"; what clients hear of.
class TwoServers : public ::testing::Test {
 protected:
  TwoServers() : here(make()), there(make()) {
    for (auto* io : {here.get(), there.get()}) {
      io->on_connection([](Socket const& s) { s.join("both"); });
      io->start();
    }
    for (auto* io : {here.get(), there.get()})
      wait_until([io] { return io->cluster().up() && io->stats().redis.nodes == 1; });
    near = std::make_unique<WebSocketClient>(here->port());
    far = std::make_unique<WebSocketClient>(there->port());
    near_id = member(near->connect().substr(2), "sid");
    far_id = member(far->connect().substr(2), "sid");
  }

  std::unique_ptr<Server> make() const {
    ServerOptions options;
    options.host = "127.0.0.1";
    options.port = 0;
    options.workers = 2;
    options.redis.url = "unix://" + redis.socket_path();
    return std::make_unique<Server>(std::move(options));
  }
  static void wait_until(std::function<bool()> const& there_it_is) {
    auto const deadline = std::chrono::steady_clock::now() + patience;
    while (!there_it_is()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "in vain: the servers know each other";
      std::this_thread::yield();
    }
  }
  static void wait(std::function<void(std::function<void()>)> const& act) {
    std::promise<void> done;
    act([&] { done.set_value(); });
    done.get_future().get();
  }
  /// All that a client has heard up to `end`, which this thread emits to everybody behind all it did before.
  static Events heard(WebSocketClient& client, std::string const& end) {
    Events events;
    for (auto packet = client.receive(); packet != "42[\"" + end + "\"]"; packet = client.receive())
      events.push_back(packet);
    return events;
  }
  /// What `near` and `far` hear of what `act` does.
  std::pair<Events, Events> hear(std::function<void()> const& act) {
    auto const end = finish(act);
    return {heard(*near, end), heard(*far, end)};
  }

  /// The same where `near` has gone.
  Events hear_far_alone(std::function<void()> const& act) { return heard(*far, finish(act)); }

  RedisServer redis;
  std::unique_ptr<Server> here, there;
  std::unique_ptr<WebSocketClient> near, far;
  std::string near_id, far_id;

 private:
  std::string finish(std::function<void()> const& act) {
    act();
    auto end = "end " + std::to_string(++ends_);
    here->emit(end);
    return end;
  }

  int ends_ = 0;
};

TEST_F(TwoServers, CA5_what_is_emitted_locally_does_not_reach_the_other_and_the_same_without_it_does) {
  auto const [at_near, at_far] = hear([&] {
    here->local().emit("1");
    here->emit("2");
    here->local().to("both").emit("3");
    here->to("both").emit("4");
    here->to("both").local().emit("5");
    here->local().to(far_id).emit("6");
    here->to(far_id).emit("7");
    here->except("nobody").local().emit("8");
  });
  EXPECT_EQ(at_near, (Events{R"(42["1"])", R"(42["2"])", R"(42["3"])", R"(42["4"])", R"(42["5"])", R"(42["8"])"}));
  EXPECT_EQ(at_far, (Events{R"(42["2"])", R"(42["4"])", R"(42["7"])"}));
}

TEST_F(TwoServers, CA5_sockets_are_moved_between_rooms_locally_or_everywhere) {
  auto const [at_near, at_far] = hear([&] {
    wait([&](auto done) { here->local().sockets_join({"local"}, done); });
    wait([&](auto done) { here->everyone().sockets_join({"global"}, done); });
    here->to("local").emit("local");
    here->to("global").emit("global");
    wait([&](auto done) { here->local().sockets_leave({"global"}, done); });
    here->to("global").emit("left locally");
    wait([&](auto done) { here->everyone().sockets_leave({"global"}, done); });
    here->to("global").emit("left");
  });
  EXPECT_EQ(at_near, (Events{R"(42["local"])", R"(42["global"])"}));
  EXPECT_EQ(at_far, (Events{R"(42["global"])", R"(42["left locally"])"}));
}

TEST_F(TwoServers, CA5_sockets_are_disconnected_locally_or_everywhere) {
  wait([&](auto done) { here->local().to("both").disconnect_sockets(false, done); });
  EXPECT_EQ(near->receive(), "41");
  EXPECT_EQ(hear_far_alone([&] { here->to("both").emit("still there"); }), Events{R"(42["still there"])"});
  wait([&](auto done) { here->everyone().disconnect_sockets(false, done); });
  EXPECT_EQ(far->receive(), "41");
}

TEST_F(TwoServers, CA23_sockets_of_this_server_are_those_that_are_here) {
  std::promise<Events> found;
  here->local().all_sockets([&](Events ids) { found.set_value(std::move(ids)); });
  EXPECT_THAT(found.get_future().get(), ElementsAre(near_id));
}

}  // namespace
}  // namespace chorus
