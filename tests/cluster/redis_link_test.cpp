// RedisLink against a real redis-server: over every transport, through pauses, deaths and refusals.
#include "cluster/redis/redis_link.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/worker_bound.hpp"
#include "cluster/link_world.hpp"
#include "support/redis_server.hpp"

namespace chorus::cluster::redis {
namespace {

using namespace std::chrono_literals;
using chorus::testing::RedisServer;

std::string unix_url(RedisServer const& server) { return "unix://" + server.socket_path(); }
std::string tcp_url(RedisServer const& server) { return "redis://127.0.0.1:" + std::to_string(server.port()); }

using Lines = std::vector<std::string>;

TEST(RedisLink, brings_what_four_threads_publish_in_the_order_of_each) {
  constexpr int threads = 4;
  constexpr int messages = 2'000;
  RedisServer server;
  for (auto const& url : {unix_url(server), tcp_url(server)}) {
    World world(url);
    world.link.subscribe("news");
    world.start_and_wait_until_up();
    std::vector<std::thread> publishers;
    for (int t = 0; t < threads; ++t) {
      publishers.emplace_back([&world, t] {
        for (int i = 0; i < messages; ++i) {
          world.link.publish("news", std::string(1, static_cast<char>('a' + t)) + std::to_string(i));
        }
      });
    }
    for (auto& publisher : publishers) publisher.join();
    world.notes.wait_until([](Notes const& n) { return n.messages.size() == threads * messages; }, "all messages");
    world.wait_until_settled();
    EXPECT_EQ(world.link.stats().ledger.confirmed, threads * messages);
    EXPECT_EQ(world.link.stats().received, threads * messages);
    world.link.stop();
    std::map<char, int> next;
    for (Heard const& heard : world.notes.messages) {
      ASSERT_EQ(heard.payload.substr(1), std::to_string(next[heard.payload[0]]++));
      ASSERT_EQ(heard.channel, "news");
      ASSERT_EQ(heard.pattern, "");
    }
  }
}

TEST(RedisLink, sends_at_its_end_what_a_worker_asked_in_a_turn) {
  RedisServer server;
  auto options = quick_options(unix_url(server));
  options.tick = options.ping_interval = 1h;  // nothing but wake() stirs it
  World world(options);
  world.link.subscribe("news");
  world.start_and_wait_until_up();
  WorkerMark const worker;
  {
    WorkerTurn const turn(worker);
    for (int i = 0; i < 100; ++i) world.link.publish("news", std::to_string(i));
  }
  EXPECT_EQ(world.link.stats().ledger.confirmed, 0U);
  world.link.wake();
  world.notes.wait_until([](Notes const& n) { return n.messages.size() == 100; }, "all of them");
  world.notes.wait_until([](Notes const& n) { return n.message_counts_at_end.back() == 100; }, "the end of the batch");
  EXPECT_LT(world.notes.look([](Notes const& n) { return n.message_counts_at_end.size(); }), 100U);
}

TEST(RedisLink, hears_channels_and_patterns_until_they_are_taken_back) {
  RedisServer server;
  World world(unix_url(server));
  world.start_and_wait_until_up();
  auto const told = [&](std::string name) {
    return [&world, name](bool confirmed) { world.notes.tell(name + (confirmed ? " yes" : " no")); };
  };
  world.link.subscribe("a", told("a"));
  world.link.psubscribe("p*", told("p*"));
  world.notes.wait_until([](Notes const& n) { return n.told.size() == 2; }, "two confirmations");
  EXPECT_EQ(world.notes.told, (Lines{"a yes", "p* yes"}));
  world.link.publish("a", "1");
  world.link.publish("pat", "2");
  world.link.publish("b", "nobody hears it");
  world.notes.wait_until([](Notes const& n) { return n.messages.size() == 2; }, "two messages");

  world.link.unsubscribe("a");
  world.link.punsubscribe("p*");
  world.link.subscribe("end", told("end"));
  world.notes.wait_until([](Notes const& n) { return n.told.size() == 3; }, "the third confirmation");
  world.link.publish("a", "nobody hears it");
  world.link.publish("pat", "nobody hears it");
  world.link.publish("end", "3");
  world.notes.wait_until([](Notes const& n) { return n.messages.size() == 3; }, "the third message");
  world.link.stop();
  std::string all;
  for (Heard const& m : world.notes.messages) all += m.pattern + "/" + m.channel + "/" + m.payload + " ";
  EXPECT_EQ(all, "/a/1 p*/pat/2 /end/3 ");
}

TEST(RedisLink, sends_commands_in_their_place_among_publishes) {
  RedisServer server;
  World world(unix_url(server) + "?db=3");
  world.link.subscribe("done");
  world.start_and_wait_until_up();
  EXPECT_EQ(world.ask({"SET", "key", "va\r\nlue"}), "OK");
  EXPECT_EQ(world.ask({"GET", "key"}), "va\r\nlue");
  EXPECT_EQ(world.ask({"SELECT", "3"}), "OK");
  EXPECT_EQ(world.ask({"DBSIZE"}), "1") << "the URL's database is in use";
  EXPECT_EQ(world.ask({"NOSUCH"}).substr(0, 4), "-ERR");
  world.link.command({"INCR", "n"}, [](Reply const&) {});
  world.link.publish("done", "1");
  world.link.command({"INCR", "n"}, [](Reply const&) {});
  EXPECT_EQ(world.ask({"GET", "n"}), "2");
  world.notes.wait_until([](Notes const& n) { return n.messages.size() == 1; }, "the message");
}

TEST(RedisLink, brings_big_messages_and_ends_a_connection_on_one_beyond_the_limit) {
  RedisServer server;
  auto options = quick_options(unix_url(server));
  options.replies.value_bytes_max = 4u << 20;
  World world(options);
  world.link.subscribe("big");
  world.start_and_wait_until_up();
  std::string const big(3u << 20, 'x');
  for (int i = 0; i < 5; ++i) world.link.publish("big", big);
  world.notes.wait_until([](Notes const& n) { return n.messages.size() == 5; }, "five big messages");
  for (Heard const& heard : world.notes.messages) EXPECT_TRUE(heard.payload == big);
  world.link.publish("big", std::string(5u << 20, 'y'));
  world.notes.wait_until([](Notes const& n) { return n.ups == 2; }, "the link to come up again");
  EXPECT_EQ(world.notes.states[1], "down: a reply that is too big");
  EXPECT_EQ(world.link.stats().malformed, 1u);
}

TEST(RedisLink, answers_commands_at_once_and_spools_publishes_while_there_is_no_redis) {
  RedisServer server;
  auto options = quick_options(unix_url(server));
  options.outbox.spool_messages_max = 3;
  World world(options);
  world.link.subscribe("a");
  world.notes.when_up = [&world] { world.link.publish("a", "behind the spool"); };
  server.kill();
  world.link.start();
  world.notes.wait_until([](Notes const& n) { return n.ticks >= 1; }, "a tick while down");
  EXPECT_EQ(world.ask({"GET", "key"}), "-DOWN no connection to Redis");
  for (auto const* payload : {"1", "2", "3", "4", "5"}) world.link.publish("a", payload);
  world.wait_for_stats([](RedisStats const& s) { return s.ledger.waiting == 3 && s.ledger.dropped == 2; }, "the spool");
  EXPECT_FALSE(world.link.up());
  server.start();
  world.notes.wait_until([](Notes const& n) { return n.messages.size() == 4; }, "the spooled messages");
  world.wait_until_settled();
  world.link.stop();
  std::string order;
  for (Heard const& heard : world.notes.messages) order += heard.payload + " ";
  EXPECT_EQ(order, "1 2 3 behind the spool ");
  auto const ledger = world.link.stats().ledger;
  EXPECT_EQ(ledger.spooled_sent, 3u);
  EXPECT_EQ(ledger.confirmed, 1u);
  EXPECT_EQ(ledger.dropped, 2u);
  EXPECT_EQ(world.notes.states, (Lines{"up", "down: the end of the program"}));
}

/// Publishes numbers from several threads until told to stop; each number once.
class Traffic {
 public:
  explicit Traffic(RedisLink& link) {
    for (int t = 0; t < threads; ++t) {
      threads_.emplace_back([this, &link, t] {
        for (int i = t; !stop_; i += threads) {
          link.publish("n", std::to_string(i));
          ++published_;
          std::this_thread::sleep_for(1ms);  // a pace at which no pause of a test fills the spool
        }
      });
    }
  }
  std::uint64_t stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    return published_;
  }
  ~Traffic() { stop(); }

 private:
  static constexpr int threads = 4;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> published_{0};
  std::vector<std::thread> threads_;
};

TEST(RedisLink, survives_ten_deaths_of_redis_under_traffic_with_a_ledger_that_adds_up) {
  LogLines log;
  RedisServer server;
  World sender(unix_url(server));
  World receiver(tcp_url(server));
  receiver.link.subscribe("n");
  sender.start_and_wait_until_up();
  receiver.start_and_wait_until_up();
  Traffic traffic(sender.link);
  for (int death = 1; death <= 10; ++death) {
    auto const before = sender.link.stats().ledger;
    sender.wait_for_stats([&](RedisStats const& s) { return s.ledger.settled() > before.settled() + 50; }, "traffic");
    server.kill();
    sender.notes.wait_until([&](Notes const& n) { return n.downs == death; }, "the sender to go down");
    receiver.notes.wait_until([&](Notes const& n) { return n.downs == death; }, "the receiver to go down");
    server.start();
    sender.notes.wait_until([&](Notes const& n) { return n.ups == death + 1; }, "the sender to come up");
    receiver.notes.wait_until([&](Notes const& n) { return n.ups == death + 1; }, "the receiver to come up");
  }
  auto const published = traffic.stop();
  sender.wait_until_settled();

  // Both stand: from here on nothing may be missed.
  auto const earlier = sender.link.stats().ledger;
  for (int i = 0; i < 1'000; ++i) sender.link.publish("n", "last " + std::to_string(i));
  receiver.notes.wait_until([](Notes const& n) { return n.messages.back().payload == "last 999"; }, "the last message");
  sender.link.stop(5s);
  receiver.link.stop();
  auto const ledger = sender.link.stats().ledger;
  EXPECT_EQ(ledger.published, published + 1'000);
  EXPECT_EQ(ledger.confirmed, earlier.confirmed + 1'000);
  EXPECT_EQ(ledger.dropped, 0u);
  expect_settled(ledger);

  std::set<std::string> seen;
  for (Heard const& heard : receiver.notes.messages) {
    EXPECT_TRUE(seen.insert(heard.payload).second) << heard.payload << " came twice";
  }
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(seen.contains("last " + std::to_string(i)));
  EXPECT_LE(seen.size(), ledger.published);
  // Two links, eleven times up, ten times down, and not a word about the tries between.
  EXPECT_EQ(log.all().size(), 2u * (11 + 10));
}

TEST(RedisLink, waits_for_a_paused_redis_and_loses_nothing) {
  RedisServer server;
  auto options = quick_options(unix_url(server));
  options.ping_interval = 300ms;
  options.tick = 100ms;
  World world(options);
  world.link.subscribe("n");
  world.start_and_wait_until_up();
  Traffic traffic(world.link);
  world.notes.wait_until([](Notes const& n) { return n.messages.size() > 100; }, "traffic");
  server.pause();
  auto const ticks = world.notes.look([](Notes const& n) { return n.ticks; });
  world.notes.wait_until([&](Notes const& n) { return n.ticks >= ticks + 30; }, "three seconds of pause");
  server.resume();
  auto const published = traffic.stop();
  world.notes.wait_until([&](Notes const& n) { return n.messages.size() == published; }, "everything published");
  world.wait_until_settled();
  world.link.stop();
  EXPECT_EQ(world.link.stats().ledger.confirmed, published);
  EXPECT_EQ(world.notes.states, (Lines{"up", "down: the end of the program"}));
}

TEST(RedisLink, counts_a_redis_that_stays_silent_as_gone) {
  RedisServer server;
  auto options = quick_options(unix_url(server));
  options.ping_interval = 50ms;
  options.silence_max = 300ms;
  options.connect_timeout = 300ms;
  World world(options);
  world.link.subscribe("n");
  world.start_and_wait_until_up();
  server.pause();
  world.notes.wait_until([](Notes const& n) { return n.downs == 1; }, "the silence to be noticed");
  EXPECT_EQ(world.notes.look([](Notes const& n) { return n.states[1]; }), "down: Redis has fallen silent");
  world.wait_for_stats([](RedisStats const& s) { return s.failed_tries >= 1; }, "a try that is not answered");
  server.resume();
  world.notes.wait_until([](Notes const& n) { return n.ups == 2; }, "the link to come up again");
}

TEST(RedisLink, leaves_messages_with_redis_while_it_is_held_and_does_not_take_that_for_silence) {
  constexpr std::size_t messages = 1'000;
  RedisServer server({.arguments = {"--client-output-buffer-limit", "pubsub 0 0 0"}});
  auto options = quick_options(unix_url(server));
  options.ping_interval = 50ms;
  options.silence_max = 300ms;
  World world(options);
  World other(unix_url(server));
  world.link.subscribe("n");
  world.start_and_wait_until_up();
  other.start_and_wait_until_up();
  world.link.post([&] { world.link.hold(true); });
  world.ask({"PING"});  // so it is held
  for (std::size_t i = 0; i < messages; ++i) other.link.publish("n", std::to_string(i) + std::string(10'000, ' '));
  other.wait_until_settled();
  auto const ticks = world.notes.look([](Notes const& n) { return n.ticks; });
  world.notes.wait_until([&](Notes const& n) { return n.ticks >= ticks + 12; }, "twice the time of silence");
  EXPECT_LT(world.notes.look([](Notes const& n) { return n.messages.size(); }), messages / 10);
  world.link.post([&] { world.link.hold(false); });
  world.notes.wait_until([&](Notes const& n) { return n.messages.size() == messages; }, "all messages");
  for (std::size_t i = 0; i < messages; ++i) ASSERT_EQ(std::stoul(world.notes.messages[i].payload), i);
  EXPECT_EQ(world.notes.downs, 0);
}

TEST(RedisLink, is_let_in_by_password_or_user_and_says_so_when_it_is_not) {
  LogLines log;
  RedisServer server({.arguments = {"--requirepass", "s3cret", "--user", "alice", "on", ">w0nder", "~*", "&*", "+@all",
                                    "--user", "bob", "on", ">bu1lder", "~*", "resetchannels", "&allowed", "+@all"}});
  auto const url = [&](std::string const& who) { return "unix://" + who + "@" + server.socket_path(); };
  for (auto const* who : {":s3cret", "alice:w0nder"}) {
    World world(url(who));
    world.link.subscribe("a");
    world.start_and_wait_until_up();
  }
  EXPECT_EQ(log.all().size(), 2u);
  {
    World world(url("alice:s3cret"));
    world.link.start();
    world.wait_for_stats([](RedisStats const& s) { return s.failed_tries >= 3; }, "three refusals");
    EXPECT_FALSE(world.link.up());
  }
  ASSERT_EQ(log.all().size(), 3u) << "one line for all refusals";
  EXPECT_EQ(log.all()[2].substr(0, 14), "redis_refused ");
  EXPECT_NE(log.all()[2].find("WRONGPASS"), std::string::npos);
  {
    World world("unix://" + server.socket_path());
    world.link.start();
    world.wait_for_stats([](RedisStats const& s) { return s.failed_tries >= 1; }, "a refusal");
  }
  EXPECT_NE(log.all().at(3).find("NOAUTH"), std::string::npos);
  {
    World world(url("bob:bu1lder"));
    world.link.subscribe("forbidden");
    world.link.start();
    world.wait_for_stats([](RedisStats const& s) { return s.failed_tries >= 1; }, "a refusal");
  }
  EXPECT_NE(log.all().at(4).find("NOPERM"), std::string::npos);
  for (auto const& line : log.all()) {
    for (auto const* password : {"s3cret", "w0nder", "bu1lder"}) {
      EXPECT_EQ(line.find(password), std::string::npos) << line;
    }
  }
}

TEST(RedisLink, counts_what_redis_refuses_to_publish_as_dropped) {
  RedisServer server({.arguments = {"--user", "bob", "on", ">bu1lder", "~*", "resetchannels", "&allowed", "+@all"}});
  World world("unix://bob:bu1lder@" + server.socket_path());
  world.link.subscribe("allowed");
  world.start_and_wait_until_up();
  world.link.publish("forbidden", "1");
  world.link.publish("allowed", "2");
  world.wait_until_settled();
  auto const ledger = world.link.stats().ledger;
  EXPECT_EQ(ledger.dropped, 1u);
  EXPECT_EQ(ledger.refused, 1u);
  EXPECT_EQ(ledger.confirmed, 1u);
  EXPECT_TRUE(world.link.up());
}

TEST(RedisLink, speaks_tls_with_a_redis_whose_certificate_it_trusts) {
  LogLines log;
  RedisServer server({.arguments = {}, .tls = true});
  auto const at = [&](char const* host) {
    return quick_options(std::string("rediss://") + host + ":" + std::to_string(server.port()));
  };
  {
    auto options = at("localhost");
    options.tls.ca_file = server.certificate_file();
    World world(options);
    world.link.subscribe("big");
    world.start_and_wait_until_up();
    std::string const big(1u << 20, 'x');
    for (int i = 0; i < 10; ++i) world.link.publish("big", big + std::to_string(i));
    world.notes.wait_until([](Notes const& n) { return n.messages.size() == 10; }, "ten messages");
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(world.notes.messages[i].payload == big + std::to_string(i));
    server.kill();
    world.notes.wait_until([](Notes const& n) { return n.downs == 1; }, "the link to go down");
    server.start();
    world.notes.wait_until([](Notes const& n) { return n.ups == 2; }, "the link to come up again");
  }
  {
    auto options = at("127.0.0.1");
    options.tls.verify_certificate = false;
    World world(options);
    world.start_and_wait_until_up();
  }
  auto const lines = log.all().size();
  {
    World stranger(at("localhost"));
    stranger.link.start();
    stranger.wait_for_stats([](RedisStats const& s) { return s.failed_tries >= 1; }, "a certificate that nobody knows");
    EXPECT_NE(log.all().at(lines).find("no TLS: "), std::string::npos) << log.all()[lines];
  }
  {
    auto options = at("127.0.0.1");
    options.tls.ca_file = server.certificate_file();
    World other_name(options);
    other_name.link.start();
    other_name.wait_for_stats([](RedisStats const& s) { return s.failed_tries >= 1; }, "a certificate of another name");
    EXPECT_EQ(other_name.link.stats().times_up, 0u);
  }
  auto options = at("localhost");
  options.tls.ca_file = server.folder() + "/nothing.pem";
  EXPECT_THROW(World{options}, std::runtime_error);
}

TEST(RedisLink, sends_what_waits_before_it_stops) {
  RedisServer server;
  World receiver(unix_url(server));
  receiver.link.subscribe("n");
  receiver.start_and_wait_until_up();
  World world(unix_url(server));
  world.start_and_wait_until_up();
  for (int i = 0; i < 5'000; ++i) world.link.publish("n", std::to_string(i));
  world.link.stop(20s);
  auto const ledger = world.link.stats().ledger;
  EXPECT_EQ(ledger.confirmed, 5'000u);
  expect_settled(ledger);
  receiver.notes.wait_until([](Notes const& n) { return n.messages.size() == 5'000; }, "all messages");
}

TEST(RedisLink, settles_everything_and_answers_everybody_when_it_stops_without_redis) {
  RedisServer server;
  server.kill();
  World world(unix_url(server));
  auto const told = [&](std::string name) {
    return [&world, name](bool confirmed) { world.notes.tell(name + (confirmed ? " yes" : " no")); };
  };
  world.link.publish("n", "before the start");
  world.link.start();
  world.link.subscribe("n", told("a"));
  world.link.publish("n", "1");
  EXPECT_TRUE(world.link.post([&] { world.notes.tell("errand"); }));
  world.link.stop(20s);
  world.link.stop();
  EXPECT_EQ(world.notes.told, (Lines{"errand", "a no"}));
  world.link.publish("n", "2");
  world.link.subscribe("n", told("b"));
  EXPECT_EQ(world.ask({"GET", "key"}), "-DOWN no connection to Redis");
  EXPECT_FALSE(world.link.post([] { FAIL(); }));
  EXPECT_EQ(world.notes.told[2], "b no");
  auto const ledger = world.link.stats().ledger;
  EXPECT_EQ(ledger.dropped, 3u);
  expect_settled(ledger);
}

TEST(RedisLink, settles_what_was_posted_when_it_was_never_started) {
  World world("redis://127.0.0.1:1");
  world.link.publish("n", "1");
  EXPECT_EQ(world.link.stats().ledger.waiting, 1u);
  world.link.stop();
  EXPECT_EQ(world.link.stats().ledger.dropped, 1u);
  expect_settled(world.link.stats().ledger);
}

}  // namespace
}  // namespace chorus::cluster::redis
