// A session's packets as somebody hears of them who watches. The wire stays what it is without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "engine/session.hpp"
#include "support/engine_world.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::EngineWorld;
using ::testing::IsEmpty;

/// Writes what it is told between the world's lines, then does what the script says.
class Watcher final : public PacketWatch {
 public:
  explicit Watcher(EngineWorld& world) : world_(world) { world.session->watch(this); }

  std::function<void()> created, flushed, drained, heard, upgrading;

 private:
  void on_packet_create(Packet const& packet, Compress compress) override {
    static constexpr char const* names[] = {"open", "close", "ping", "pong", "message", "upgrade", "noop"};
    std::string line = std::string("create ") + names[static_cast<int>(packet.type)];
    if (packet.kind == MessageKind::binary) line += " binary";
    if (compress == Compress::yes) line += " compress";
    if (created) created();  // first: what it sends must not touch the packet it was told
    say(line + " " + std::string(packet.data), {});
  }
  void on_flush(std::size_t packets) override { say("flush " + std::to_string(packets), flushed); }
  void on_drain() override { say("drain", drained); }
  void on_heartbeat() override { say("heartbeat", heard); }
  void on_upgrading() override { say("upgrading", upgrading); }
  void say(std::string line, std::function<void()> const& then) {
    world_.lines.push_back(std::move(line));
    if (then) then();
  }

  EngineWorld& world_;
};

std::array<Bytes, 2> const attachments{"x", "y"};

TEST(WatchedSession, ES101_ES127_tells_of_each_packet_a_websocket_is_sent_and_that_nothing_waits) {
  EngineWorld world;
  world.open_websocket();
  Watcher const watcher(world);
  world.session->send("hello");
  EXPECT_THAT(world.take_lines(), ElementsAre("create message compress hello", "ws9 4hello", "flush 1", "drain"));
  world.session->send("52-", attachments, Compress::no);
  EXPECT_THAT(world.take_lines(),
              ElementsAre("create message 52-", "create message binary x", "create message binary y", "ws9 452-",
                          "ws9 binary x", "ws9 binary y", "flush 3", "drain"));
  world.session->send(SharedMessage::make("52-", attachments));
  EXPECT_THAT(world.take_lines(), ElementsAre("create message compress 52-", "create message binary compress x",
                                              "create message binary compress y", "ws9 452-", "ws9 binary x",
                                              "ws9 binary y", "flush 3", "drain"));
  world.session->send_binary("b");
  EXPECT_THAT(world.take_lines(), ElementsAre("create message binary compress b", "ws9 binary b", "flush 1", "drain"));
}

TEST(WatchedSession, ES126_ES128_tells_of_pings_and_of_their_answers) {
  EngineWorld world;
  world.open_websocket();
  Watcher const watcher(world);
  world.pass(25s);
  EXPECT_THAT(world.take_lines(), ElementsAre("create ping ", "ws9 2", "flush 1", "drain"));
  world.text(9, "3");
  EXPECT_THAT(world.take_lines(), ElementsAre("heartbeat"));
  world.text(9, "2");  // the wrong direction is no sign of life
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed transport error"));
}

TEST(WatchedSession, ES126_ES128_in_revision_3_the_clients_ping_is_the_sign_of_life_and_the_pong_is_created) {
  EngineWorld world({}, {Revision::v3});
  world.open_websocket();
  Watcher const watcher(world);
  world.text(9, "2probe");
  EXPECT_THAT(world.take_lines(), ElementsAre("create pong probe", "ws9 3probe", "flush 1", "drain", "heartbeat"));
}

TEST(WatchedSession, ES101_over_polling_flushes_what_one_answer_takes_and_drains_when_nothing_is_left) {
  EngineWorld world({.payload_bytes_max = 12});
  world.open_polling();
  Watcher const watcher(world);
  world.session->send("one");
  world.session->send("51-", std::array<Bytes, 1>{"z"});
  world.session->send("three");
  EXPECT_THAT(world.take_lines(), ElementsAre("create message compress one", "create message compress 51-",
                                              "create message binary compress z", "create message compress three"));
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 4one", "flush 1"));
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#2 200 451-\x1e"
                                              "beg==",
                                              "flush 2"));
  world.get(3);
  EXPECT_THAT(world.take_lines(), ElementsAre("#3 200 4three", "flush 1", "drain"));
  world.get(4);
  world.session->send("at once");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("create message compress at once", "#4 200 4at once", "flush 1", "drain"));
}

TEST(WatchedSession, ES126_ES128_over_polling_a_ping_is_a_packet_too) {
  EngineWorld world;
  world.open_polling();
  Watcher const watcher(world);
  world.session->send("a");
  world.pass(25s);
  world.take_lines();
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 2\x1e"
                                              "4a",
                                              "flush 2", "drain"));
  world.post(2, "3");
  EXPECT_THAT(world.take_lines(), ElementsAre("heartbeat", "#2 200 ok"));
}

TEST(WatchedSession, tells_of_a_websocket_that_probes_and_of_what_leaves_with_the_upgrade) {
  EngineWorld world;
  world.open_polling();
  Watcher const watcher(world);
  world.upgrade(9);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.text(9, "2probe");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 3probe", "upgrading"));
  world.session->send("52-", attachments);
  world.take_lines();
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("ws9 452-", "ws9 binary x", "ws9 binary y", "upgraded", "flush 3", "drain"));
}

TEST(WatchedSession, a_handlers_own_packet_leaves_first_and_is_not_told_to_it_again) {
  EngineWorld world;
  world.open_websocket();
  Watcher watcher(world);
  std::string text = "one";  // the sender's memory, which serves for what the handler sends too, as a worker's does
  watcher.created = [&] {
    text = "two";
    world.session->send(text);
  };
  world.session->send(text);
  EXPECT_THAT(world.take_lines(),
              ElementsAre("ws9 4two", "create message compress one", "ws9 4one", "flush 2", "drain"));
  world.pass(1s);
  EXPECT_THAT(world.take_lines(), IsEmpty());
}

TEST(WatchedSession, whoever_sends_at_every_drain_gets_the_next_drain_in_a_later_turn) {
  EngineWorld world;
  world.open_websocket();
  Watcher watcher(world);
  int more = 2;
  watcher.drained = [&] {
    if (more-- > 0) world.session->send("more");
  };
  world.session->send("a");
  EXPECT_THAT(world.take_lines(), ElementsAre("create message compress a", "ws9 4a", "flush 1", "drain",
                                              "create message compress more", "ws9 4more"));
  world.pass(1ms);  // two turns, of the same time
  EXPECT_THAT(world.take_lines(),
              ElementsAre("flush 1", "drain", "create message compress more", "ws9 4more", "flush 1", "drain"));
}

/// In each call in turn: the session closes, once, after the sender has got back what runs there.
TEST(WatchedSession, may_be_closed_in_any_call_and_ends_in_a_later_turn) {
  using Handler = std::function<void()> Watcher::*;
  for (Handler const handler : {&Watcher::created, &Watcher::flushed, &Watcher::drained}) {
    EngineWorld world;
    world.open_websocket();
    Watcher watcher(world);
    watcher.*handler = [&] {
      world.session->close();
      world.session->send("too late");
    };
    world.session->send("a");
    EXPECT_EQ(world.session->state(), SessionState::closing);
    EXPECT_THAT(world.take_lines(), ElementsAre("create message compress a", "ws9 4a", "flush 1", "drain"));
    world.text(9, "4nobody hears it");
    EXPECT_THAT(world.take_lines(), IsEmpty());
    world.pass(1ms);
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed forced close"));
  }
}

TEST(WatchedSession, closed_in_a_call_over_polling_says_so_to_the_poll) {
  for (bool const parked : {true, false}) {
    EngineWorld world;
    world.open_polling();
    Watcher watcher(world);
    watcher.heard = [&] { world.session->close(); };
    watcher.upgrading = watcher.heard;
    if (parked) world.get(1);
    world.upgrade(9);
    world.text(9, "2probe");
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 3probe", "upgrading"));
    world.pass(1ms);
    if (!parked) world.get(1);
    EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "ws9 close", "closed forced close"));
  }
}

TEST(WatchedSession, closed_while_its_upgrade_asks_for_a_sign_of_life_ends_with_it) {
  EngineWorld world;
  world.open_polling();
  Watcher watcher(world);
  world.pass(25s);
  world.upgrade(9);
  world.text(9, "2probe");
  world.take_lines();
  watcher.created = [&] { world.session->close(); };
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("create ping ", "ws9 close", "closed forced close"));
}

TEST(WatchedSession, nobody_watches_any_more_from_inside_a_call_on) {
  using Handler = std::function<void()> Watcher::*;
  for (Handler const handler : {&Watcher::created, &Watcher::flushed}) {
    EngineWorld world;
    world.open_websocket();
    Watcher watcher(world);
    watcher.*handler = [&] { world.session->watch(nullptr); };
    world.session->send("a");
    EXPECT_THAT(world.take_lines().back(), handler == &Watcher::created ? "ws9 4a" : "flush 1");
    world.session->send("b");
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4b"));
    world.pass(1ms);
    world.session->send("c");
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4c"));
    world.session->watch(&watcher);
    watcher.*handler = nullptr;
    world.session->send("d");
    EXPECT_THAT(world.take_lines(), ElementsAre("create message compress d", "ws9 4d", "flush 1", "drain"));
  }
}

TEST(WatchedSession, that_is_shut_down_behind_a_close_in_a_call_ends_once_and_leaves_no_timer) {
  EngineWorld world;
  world.open_websocket();
  Watcher watcher(world);
  watcher.drained = [&] { world.session->close(); };
  world.session->send("a");
  world.session->shut_down();
  EXPECT_EQ(world.take_lines().back(), "closed server shutting down");
  world.pass(1h);
  EXPECT_THAT(world.take_lines(), IsEmpty());
}

}  // namespace
}  // namespace chorus::engine
