// Whole conversations, each of them also failing at each of its steps in every way there is: the session must end
// exactly once, release every request and WebSocket, and leave no timer behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "engine/session.hpp"
#include "support/engine_world.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineWorld;

using Step = std::function<void(EngineWorld&)>;
using Dialogue = std::vector<Step>;

struct NamedDialogue {
  char const* name;
  Dialogue steps;
  Dialect dialect = {};
};

struct Failure {
  char const* name;
  Step happens;
};

std::array<Bytes, 2> const attachments{"\x01\x02", "\x03"};

Step get(std::uint64_t number) {
  return [=](EngineWorld& world) { world.get(number); };
}
Step post(std::uint64_t number, std::string body) {
  return [=](EngineWorld& world) { world.post(number, body); };
}
Step text(std::string data) {
  return [=](EngineWorld& world) { world.text(9, data); };
}
Step send(std::string data) {
  return [=](EngineWorld& world) { world.session->send(data); };
}
Step pass(Duration duration) {
  return [=](EngineWorld& world) { world.pass(duration); };
}
void send_with_attachments(EngineWorld& world) { world.session->send("52-", attachments); }
void send_shared(EngineWorld& world) { world.session->send(SharedMessage::make("52-", attachments)); }
void open_polling(EngineWorld& world) { world.open_polling(); }
void open_websocket(EngineWorld& world) { world.open_websocket(); }
void upgrade(EngineWorld& world) { world.upgrade(9); }
void close(EngineWorld& world) { world.session->close(); }
void begin_post_2(EngineWorld& world) { world.begin_post(2); }

constexpr Dialect revision_3{Revision::v3};

std::vector<NamedDialogue> dialogues() {
  return {
      {"polling only",
       {open_polling, get(1), begin_post_2,
        post(2,
             "4hello\x1e"
             "bAQID"),
        send("a"), send_with_attachments, send_shared, get(3), get(4), pass(25s), post(5, "3"), get(6), send("b"),
        pass(25s), get(7), post(8, "3"), get(10), post(11, "1")}},
      {"websocket only",
       {open_websocket, text("4hello"), send("a"), send_with_attachments, send_shared, pass(25s), text("3"), send("b"),
        close}},
      {"upgrade",
       {open_polling, get(1), send("a"), send("b"), upgrade, text("2probe"), send_shared, get(2), get(3), pass(100ms),
        pass(100ms), text("5"), text("4hello"), send("c"), pass(25s), text("3"), text("1")}},
      {"upgrade with an outstanding pong",
       {open_polling, send("a"), pass(25s), upgrade, text("2probe"), get(1), get(2), pass(1s), text("5"), text("3"),
        pass(25s), text("3"), close}},
      {"closing while it upgrades",
       {open_polling, send("a"), upgrade, send_with_attachments, close, text("2probe"), pass(100ms), text("5")}},
      {"closing with a buffer", {open_polling, send("a"), send_shared, close, pass(1s), post(1, "4late"), get(2)}},
      {"failed upgrade and another",
       {open_polling, upgrade, text("2probe"), text("4no"), get(1), upgrade, pass(11s), upgrade, text("2probe"),
        text("5"), send("a"), text("1")}},
      {"polling only, revision 3",
       {open_polling, get(1), begin_post_2, post(2, "6:4hello6:b4AQ==1:2"), send_with_attachments, send_shared, get(3),
        get(4), pass(40s), post(5, "1:2"), get(6), send("b"), pass(40s), get(7), post(8, "1:2"), get(10),
        post(11, "1:1")},
       revision_3},
      {"websocket only, revision 3",
       {open_websocket, text("4hello"), send("a"), send_with_attachments, send_shared, pass(40s), text("2"), send("b"),
        close},
       revision_3},
      {"upgrade, revision 3",
       {open_polling, get(1), upgrade, text("2probe"), send_shared, get(2), get(3), pass(100ms), text("5"),
        text("4hello"), send_shared, pass(40s), text("2"), text("1")},
       revision_3},
  };
}

std::vector<Failure> failures() {
  return {
      {"everything is cut", [](EngineWorld& world) { world.cut_everything(); }},
      {"the websocket is cut", [](EngineWorld& world) { world.hang_up(9); }},
      {"the websocket fails", [](EngineWorld& world) { world.hang_up(9, WebSocketEnd::failed); }},
      {"the network is silent", pass(46s)},
      {"the server shuts down", [](EngineWorld& world) { world.session->shut_down(); }},
      {"the owner closes", close},
      {"garbage is posted", post(100, "garbage")},
      {"a binary payload is posted", [](EngineWorld& world) { world.post(101, "4x", PostType::octet_stream); }},
      {"garbage comes over the websocket", text("garbage")},
      {"two more polls come",
       [](EngineWorld& world) {
         world.get(102);
         world.get(103);
       }},
      {"the client says close over polling", post(104, "1")},
      {"the client of revision 3 says so", post(107, "1:1")},
      {"the client says close over the websocket", text("1")},
      {"the owner closes in its handler",
       [](EngineWorld& world) {
         world.handler = [&world](MessageKind, Bytes) { world.session->close(); };
         world.post(105,
                    "4a\x1e"
                    "4b");
         world.post(108, "2:4a2:4b");
         world.text(9, "4a");
       }},
      {"the owner shuts down in its handler",
       [](EngineWorld& world) {
         world.handler = [&world](MessageKind, Bytes) { world.session->shut_down(); };
         world.post(106,
                    "4a\x1e"
                    "4b");
         world.text(9, "4a");
       }},
      {"the buffer overflows",
       [](EngineWorld& world) {
         for (int i = 0; i < 4; ++i) world.session->send(std::string(50'000, 'x'));
       }},
  };
}

/// Plays the dialogue with the failure before step `at` (steps.size(): behind the last), then lets time run out.
void play(NamedDialogue const& dialogue, std::size_t at, Step const& failure) {
  Dialogue const& steps = dialogue.steps;
  Settings settings;
  settings.buffer_bytes_max = 100'000;
  EngineWorld world(settings, dialogue.dialect);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i == at) failure(world);
    steps[i](world);
  }
  if (at == steps.size()) failure(world);
  world.pass(1h);
  EXPECT_EQ(world.closes(), 1);
  EXPECT_EQ(world.session->state(), SessionState::closed);
  EXPECT_EQ(world.unanswered(), 0U);
  EXPECT_EQ(world.open_websockets(), 0U);
  EXPECT_EQ(world.timers.armed(), 0U);
  EXPECT_EQ(world.session->buffered_bytes(), 0U);
}

TEST(Dialogue, ends_once_and_releases_everything_wherever_it_fails) {
  for (auto const& dialogue : dialogues()) {
    for (auto const& failure : failures()) {
      for (std::size_t at = 1; at <= dialogue.steps.size(); ++at) {
        SCOPED_TRACE(std::string(dialogue.name) + ": " + failure.name + " before step " + std::to_string(at));
        play(dialogue, at, failure.happens);
      }
    }
  }
}

TEST(Dialogue, ends_once_and_releases_everything_when_nothing_fails) {
  for (auto const& dialogue : dialogues()) {
    SCOPED_TRACE(dialogue.name);
    play(dialogue, dialogue.steps.size() + 1, {});
  }
}

}  // namespace
}  // namespace chorus::engine
