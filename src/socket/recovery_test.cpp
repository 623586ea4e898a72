// Connection state recovery on one worker: its store by itself, and clients in dialogue.
#include "socket/recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "socket/offset.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::ClientWorld;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

std::string member(std::string_view json, std::string_view name) {
  return ArgView(json)[name].as<std::string>().value_or("");
}

std::string offset(std::uint64_t sequence) {
  auto const text = offset_text(sequence);
  return {text.data(), text.size()};
}

RecoverySettings brief() {
  RecoverySettings settings;
  settings.max_disconnection = 10s;
  return settings;
}

class RecoveryTest : public ::testing::Test {
 public:
  explicit RecoveryTest(RecoverySettings const& settings = brief()) : world({}, settings), nsp(world.of("/")) {
    nsp.on_connection([this](Socket const& s) {
      recovered.push_back(s.recovered());
      socket = s;
    });
    nsp.on_disconnect([this](Socket const&, std::string_view reason) { reasons.emplace_back(reason); });
  }

  /// A client that is connected, and known by what it was told.
  struct Person {
    explicit Person(HubWorld& in, std::string const& auth = "") : client(std::make_unique<ClientWorld>(in)) {
      auto const heard = client->say("0" + auth);
      std::string const answer = heard.empty() ? "" : heard.back();
      if (!answer.starts_with('0')) return;
      sid = member(answer.substr(1), "sid");
      pid = member(answer.substr(1), "pid");
      before.assign(heard.begin(), heard.empty() ? heard.end() : std::prev(heard.end()));
    }
    Person(Person&&) = default;
    Person& operator=(Person&&) = default;
    ~Person() {
      if (client) client->engine.hang_up(9);
    }
    /// Its connection breaks; what a client says when it comes back.
    std::string leave(std::string const& last_offset) {
      client->engine.hang_up(9);
      return auth(last_offset);
    }
    std::string auth(std::string const& last_offset) const {
      return R"({"pid":")" + pid + R"(","offset":")" + last_offset + R"("})";
    }
    std::vector<std::string> heard() { return client->heard(); }

    std::unique_ptr<ClientWorld> client;
    std::string sid, pid;
    std::vector<std::string> before;  ///< what it heard before it was connected
  };

  Recovery::Counts counts() { return world.board->recovery()->counts(); }
  void pass(Duration time) { world.timers.advance(time); }

  HubWorld world;
  Namespace nsp;
  std::optional<Socket> socket;
  std::vector<bool> recovered;
  std::vector<std::string> reasons;
};

TEST_F(RecoveryTest, CR1_missed_broadcasts_room_broadcasts_and_direct_events_come_before_connect) {
  Person ada(world);
  EXPECT_EQ(ada.sid.size(), 20u);
  EXPECT_FALSE(ada.pid.empty());
  socket->join("room1");
  nsp.emit("hello");
  EXPECT_THAT(ada.heard(), ElementsAre(R"(2["hello",")" + offset(1) + R"("])"));
  auto const before = *socket;
  auto const back = ada.leave(offset(1));
  nsp.emit("hello1");
  nsp.to("room1").emit("hello2", 2);
  nsp.to("room2").emit("not for it");
  before.emit("hello3", "x");
  Person again(world, back);
  EXPECT_THAT(again.before,
              ElementsAre(R"(2["hello1",")" + offset(2) + R"("])", R"(2["hello2",2,")" + offset(3) + R"("])",
                          R"(2["hello3","x",")" + offset(5) + R"("])"));
  EXPECT_EQ(again.sid, ada.sid);
  EXPECT_EQ(again.pid, ada.pid);
  socket->emit("live");
  EXPECT_THAT(again.heard(), ElementsAre(R"(2["live",")" + offset(6) + R"("])"));
  EXPECT_EQ(counts().recovered, 1u);
}

TEST_F(RecoveryTest, CR2_rooms_and_data_are_restored_and_the_program_is_told) {
  Person ada(world);
  socket->join("room1");
  socket->join("room2");
  socket->set_data(std::string("bar"));
  auto const back = ada.leave(offset(0));
  EXPECT_THAT(reasons, ElementsAre("transport close"));
  Person again(world, back);
  EXPECT_EQ(socket->id(), ada.sid);
  EXPECT_THAT(recovered, ElementsAre(false, true));
  EXPECT_THAT(socket->rooms(), UnorderedElementsAre(ada.sid, "room1", "room2"));
  EXPECT_EQ(socket->data<std::string>(), "bar");
}

TEST_F(RecoveryTest, CR2_a_user_is_online_again_with_what_is_known_of_the_device) {
  nsp.use([](Handshake const&) {
    auto verdict = admit(UserId{"ada"});
    verdict.device_info = R"({"device":"phone"})";
    return verdict;
  });
  Person ada(world);
  auto const back = ada.leave(offset(0));
  EXPECT_THAT(nsp.devices(UserId{"ada"}), IsEmpty());
  nsp.user(UserId{"ada"}).emit("news");
  Person again(world, back);
  EXPECT_THAT(again.before, ElementsAre(StartsWith(R"(2["news",)")));
  ASSERT_EQ(nsp.devices(UserId{"ada"}).size(), 1u);
  EXPECT_EQ(nsp.devices(UserId{"ada"}).front().info_json, R"({"device":"phone"})");
  EXPECT_EQ(socket->user(), UserId{"ada"});
  again.leave(offset(1));
  EXPECT_THAT(world.board->devices_of, IsEmpty());
}

TEST_F(RecoveryTest, CR3_middlewares_do_not_run) {
  int runs = 0;
  nsp.use([&](Handshake const&) {
    ++runs;
    return admit();
  });
  Person ada(world);
  Person again(world, ada.leave(offset(0)));
  EXPECT_EQ(again.sid, ada.sid);
  EXPECT_EQ(runs, 1);
}

class StrictRecovery : public RecoveryTest {
 protected:
  StrictRecovery() : RecoveryTest(strict()) {}
  static RecoverySettings strict() {
    auto settings = brief();
    settings.skip_middlewares = false;
    return settings;
  }
};

TEST_F(StrictRecovery, CR4_middlewares_run_and_see_who_it_is) {
  std::vector<bool> seen;
  nsp.use([&](Socket const& s) {
    seen.push_back(s.recovered());
    return admit();
  });
  Person ada(world);
  Person again(world, ada.leave(offset(0)));
  EXPECT_EQ(again.sid, ada.sid);
  EXPECT_THAT(seen, ElementsAre(false, true));
}

TEST_F(StrictRecovery, CR4_a_client_that_is_refused_gets_nothing_of_what_it_missed) {
  bool welcome = true;
  nsp.use([&](Handshake const&) -> Admission { return welcome ? admit() : refuse("denied"); });
  Person ada(world);
  auto const back = ada.leave(offset(0));
  nsp.emit("secret");
  welcome = false;
  ClientWorld client(world);
  EXPECT_THAT(client.say("0" + back), ElementsAre(R"(4{"message":"denied"})"));
  welcome = true;
  Person third(world, back);
  EXPECT_NE(third.sid, ada.sid) << "there is one try";
  EXPECT_THAT(third.before, IsEmpty());
  EXPECT_EQ(counts().unknown_session, 1u);
}

TEST_F(StrictRecovery, what_is_emitted_while_a_middleware_decides_comes_in_its_order_and_once) {
  std::optional<Verdict> open;
  nsp.use([&](Socket const&, Verdict verdict) {
    if (open) return void(open = verdict);
    verdict(admit());
    open = verdict;
  });
  Person ada(world);
  auto const back = ada.leave(offset(0));
  nsp.emit("before");
  ClientWorld client(world);
  EXPECT_THAT(client.say("0" + back), IsEmpty());
  nsp.emit("meanwhile");
  EXPECT_THAT(client.heard(), IsEmpty());
  (*open)(admit());
  EXPECT_THAT(client.heard(), ElementsAre(StartsWith(R"(2["before",)"), StartsWith(R"(2["meanwhile",)"),
                                          StartsWith(R"(0{"sid":")" + ada.sid)));
  nsp.emit("after");
  EXPECT_THAT(client.heard(), ElementsAre(StartsWith(R"(2["after",)")));
}

TEST_F(StrictRecovery, what_was_missed_and_the_answer_to_connect_are_in_one_answer_to_a_poll) {
  std::optional<Verdict> open;
  nsp.use([&](Socket const& s, Verdict verdict) {
    if (!s.recovered()) return verdict(admit());
    open = verdict;
  });
  Person ada(world);
  auto const back = ada.leave(offset(0));
  nsp.emit("a");
  nsp.emit("b");
  testing::EngineWorld polling;
  Client client(world.hub, *polling.session, Handshake::Request());
  polling.handler = [&](engine::MessageKind kind, Bytes data) { client.on_message(kind, data); };
  polling.close_handler = [&](engine::CloseReason reason) { client.on_close(reason); };
  polling.open_polling();
  polling.post(1, "40" + back);
  polling.get(2);
  polling.lines.clear();
  (*open)(admit());
  EXPECT_EQ(polling.take_lines().front(), "#2 200 42[\"a\",\"" + offset(1) + "\"]\x1e" + "42[\"b\",\"" + offset(2) +
                                              "\"]\x1e" + R"(40{"sid":")" + ada.sid + R"(","pid":")" + ada.pid + "\"}");
  polling.session->shut_down();
}

TEST_F(StrictRecovery, a_connection_that_breaks_while_a_middleware_decides_leaves_the_session_where_it_was) {
  std::vector<Verdict> open;
  bool at_once = true;
  nsp.use([&](Socket const&, Verdict verdict) {
    if (at_once) return verdict(admit());
    open.push_back(verdict);
  });
  Person ada(world);
  socket->set_data(std::string("hers"));
  socket->join("room");
  auto const back = ada.leave(offset(0));
  at_once = false;
  Person second(world, back);
  second.client->engine.hang_up(9);
  at_once = true;
  nsp.to("room").emit("hi");
  Person third(world, back);
  EXPECT_EQ(third.sid, ada.sid);
  EXPECT_THAT(third.before, ElementsAre(StartsWith(R"(2["hi",)")));
  EXPECT_EQ(socket->data<std::string>(), "hers");
}

TEST_F(RecoveryTest, CR5_AD20_an_unknown_session_is_an_ordinary_new_one) {
  for (std::string const auth :
       {R"({"pid":"foo","offset":"bar"})", R"({"pid":"abcdefghijklmnopqrstABCDEFGHIJKLMNOPQRST","offset":"bar"})"}) {
    Person ada(world, auth);
    EXPECT_EQ(ada.sid.size(), 20u);
    EXPECT_NE(ada.pid, "foo");
    EXPECT_THAT(ada.before, IsEmpty());
    EXPECT_FALSE(recovered.back());
  }
  EXPECT_EQ(counts().unknown_session, 2u);
}

TEST_F(RecoveryTest, CR5_AD21_a_known_session_with_an_unknown_offset_is_an_ordinary_new_one) {
  for (auto const& unknown : {std::string("bar"), offset(77)}) {
    Person ada(world);
    auto const back = ada.leave(unknown);
    Person again(world, back);
    EXPECT_NE(again.sid, ada.sid) << back;
    EXPECT_NE(again.pid, ada.pid);
    EXPECT_FALSE(recovered.back());
  }
  EXPECT_EQ(counts().unknown_offset, 2u);
}

TEST_F(RecoveryTest, a_client_cannot_ask_for_what_was_said_before_it_came) {
  nsp.emit("earlier");
  nsp.emit("earlier");
  Person mallory(world);
  Person again(world, mallory.leave(offset(0)));
  EXPECT_NE(again.sid, mallory.sid);
  EXPECT_THAT(again.before, IsEmpty());
}

TEST_F(RecoveryTest, a_client_that_heard_nothing_with_an_offset_is_recovered_from_its_connection_on) {
  nsp.emit("before it came");
  Person ada(world);
  ada.client->engine.hang_up(9);
  nsp.emit("missed");
  Person again(world, R"({"pid":")" + ada.pid + R"("})");
  EXPECT_EQ(again.sid, ada.sid);
  EXPECT_THAT(again.before, ElementsAre(StartsWith(R"(2["missed",)")));
  again.client->engine.hang_up(9);
  Person malformed(world, R"({"pid":")" + ada.pid + R"(","offset":123})");
  EXPECT_NE(malformed.sid, ada.sid);
}

TEST_F(RecoveryTest, a_session_of_another_namespace_is_unknown) {
  auto const other = world.of("/other");
  Person ada(world);
  auto const back = ada.leave(offset(0));
  ClientWorld client(world);
  auto const heard = client.say("0/other," + back);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_NE(member(std::string_view(heard[0]).substr(8), "sid"), ada.sid);
}

TEST(RecoveryOff, CR6_CR7_off_nothing_of_it_is_on_the_wire_and_nothing_is_restored) {
  HubWorld world;
  auto nsp = world.of("/");
  ClientWorld client(world);
  auto const heard = client.say(R"(0{"pid":"abcdefghijklmnopqrstABCDEFGHIJKLMNOPQRST","offset":"AAAAAAAAA"})");
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(member(std::string_view(heard[0]).substr(1), "pid"), "");
  EXPECT_EQ(heard[0].size(), std::string_view(R"(0{"sid":"01234567890123456789"})").size());
  nsp.emit("hi", "x");
  EXPECT_THAT(client.heard(), ElementsAre(R"(2["hi","x"])"));
}

TEST_F(RecoveryTest, AD18_a_session_is_kept_and_restored_with_all_that_belongs_to_it) {
  Recovery recovery(brief(), 1);
  recovery.open();
  auto const timeline = recovery.timeline("/");
  SavedSession session;
  session.id = *RecoveryId::parse("abcdefghijklmnopqrstABCDEFGHIJKLMNOPQRST");
  session.timeline = timeline;
  session.keys = {"rroom"};
  session.user = UserId{"ada"};
  session.data = 7;
  auto const id = session.id;
  recovery.keep(std::move(session));
  EXPECT_EQ(recovery.counts().sessions, 1u);
  auto const restored = recovery.restore(id, *timeline, offset(0), TimePoint());
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ(restored->session.id, id);
  EXPECT_THAT(restored->session.keys, ElementsAre("rroom"));
  EXPECT_EQ(restored->session.user, UserId{"ada"});
  EXPECT_EQ(std::any_cast<int>(restored->session.data), 7);
  EXPECT_EQ(recovery.restore(id, *timeline, offset(0), TimePoint()).error(), Unrecovered::unknown_session);
}

TEST_F(RecoveryTest, AD19_neither_volatile_packets_nor_questions_nor_what_excludes_it_is_missed) {
  Person ada(world);
  socket->join("room");
  auto const away = *socket;
  auto const back = ada.leave(offset(0));
  nsp.everyone().volatile_().emit("volatile", "text");
  nsp.everyone().timeout(1s).ask("question", [](Answers const&) {});
  nsp.except("room").emit("excluded");
  nsp.to("elsewhere").emit("elsewhere");
  away.volatile_().emit("volatile too");
  nsp.emit("for all", Binary{"bytes"});
  Person again(world, back);
  EXPECT_THAT(again.before, ElementsAre(StartsWith(R"(51-["for all",{"_placeholder":true,"num":0},)"), "binary bytes"));
}

TEST_F(RecoveryTest, a_volatile_event_leaves_the_clients_offset_right) {
  Person ada(world);
  nsp.emit("a");
  nsp.everyone().volatile_().emit("v", "some text");
  socket->volatile_().emit("w", "some text");
  EXPECT_THAT(ada.heard(), ElementsAre(StartsWith(R"(2["a",)"), R"(2["v","some text",")" + offset(1) + R"("])",
                                       R"(2["w","some text",")" + offset(1) + R"("])"));
  nsp.everyone().timeout(1s).ask(
      "q", [](Answers const&) {}, "text");
  socket->ask(
      "q", 1s, [](Answer const&) {}, "text");
  auto const questions = ada.heard();
  ASSERT_EQ(questions.size(), 2u);
  for (auto const& question : questions) EXPECT_TRUE(question.ends_with(R"(["q","text"])")) << question;
}

TEST_F(RecoveryTest, an_event_to_one_socket_is_for_nobody_else_in_the_room_of_its_id) {
  Person ada(world);
  auto const ada_socket = *socket;
  Person bob(world);
  socket->join(ada.sid);
  ada_socket.emit("private");
  EXPECT_THAT(ada.heard(), ElementsAre(StartsWith(R"(2["private",)")));
  EXPECT_THAT(bob.heard(), IsEmpty());
  nsp.to(ada.sid).emit("to the room");
  EXPECT_THAT(bob.heard(), ElementsAre(StartsWith(R"(2["to the room",)")));
}

TEST_F(RecoveryTest, sessions_end_with_their_time_and_memory_comes_back) {
  Person ada(world);
  auto const back = ada.leave(offset(0));
  nsp.emit("missed");
  EXPECT_EQ(counts().sessions, 1u);
  EXPECT_EQ(counts().packets, 1u);
  EXPECT_GT(counts().bytes, 0u);
  pass(9s);
  EXPECT_EQ(counts().sessions, 1u);
  pass(3s);
  auto const after = counts();
  EXPECT_EQ(after.sessions, 0u);
  EXPECT_EQ(after.packets, 0u);
  EXPECT_EQ(after.bytes, 0u);
  EXPECT_EQ(after.sessions_expired, 1u);
  EXPECT_EQ(world.timers.armed(), 0u) << "nobody wakes for nothing";
  Person again(world, back);
  EXPECT_NE(again.sid, ada.sid);
  EXPECT_EQ(counts().unknown_session, 1u);
}

TEST_F(RecoveryTest, a_session_that_is_just_too_old_is_unknown_before_a_timer_saw_it) {
  Person ada(world);
  auto const back = ada.leave(offset(0));
  world.timers.pass_unfired(11s);
  Person again(world, back);
  EXPECT_NE(again.sid, ada.sid);
}

TEST_F(RecoveryTest, is_kept_at_ends_of_the_connection_and_not_at_ends_that_were_meant) {
  auto const comes_back_after = [&](std::function<void(Person&)> const& end) {
    Person ada(world);
    end(ada);
    Person again(world, ada.auth(offset(0)));
    bool const same = again.sid == ada.sid;
    again.client->say("1");  // meant: leaves nothing
    return same;
  };
  EXPECT_TRUE(comes_back_after([](Person& p) { p.client->engine.hang_up(9); }));
  EXPECT_TRUE(comes_back_after([](Person& p) { p.client->engine.hang_up(9, engine::WebSocketEnd::failed); }));
  EXPECT_TRUE(comes_back_after([](Person& p) { p.client->engine.pass(10min); }));  // ping timeout
  EXPECT_TRUE(comes_back_after([](Person& p) { p.client->engine.session->shut_down(); }));
  EXPECT_TRUE(comes_back_after([](Person& p) { p.client->say("0"); }));  // forced server close
  EXPECT_FALSE(comes_back_after([](Person& p) { p.client->say("1"); }));
  EXPECT_FALSE(comes_back_after([&](Person&) { socket->disconnect(); }));
  EXPECT_FALSE(comes_back_after([&](Person&) { socket->disconnect(true); }));
  EXPECT_EQ(counts().sessions, 0u);
}

TEST_F(RecoveryTest, a_client_that_comes_back_before_its_end_was_seen_is_the_same_and_the_old_connection_ends) {
  Person ada(world);
  socket->join("room");
  nsp.to("room").emit("lost on the way");
  Person again(world, ada.auth(offset(0)));
  EXPECT_EQ(again.sid, ada.sid);
  EXPECT_THAT(again.before, ElementsAre(StartsWith(R"(2["lost on the way",)")));
  EXPECT_THAT(reasons, ElementsAre("transport close"));
  EXPECT_EQ(ada.client->engine.closes(), 1);
  auto wrong = ada.auth(offset(0));
  wrong[wrong.find(R"(","offset)") - 1] ^= 1;
  Person mallory(world, wrong);
  EXPECT_NE(mallory.sid, ada.sid) << "the id is no secret, the rest of it is";
  EXPECT_EQ(again.client->engine.closes(), 0);
}

TEST_F(RecoveryTest, comes_back_again_and_again_and_hears_each_packet_once) {
  Person ada(world);
  std::vector<std::string> heard;
  auto back = std::string();
  for (int round = 0; round < 50; ++round) {
    nsp.emit("live");
    for (auto& text : ada.heard()) heard.push_back(text);
    back = ada.leave(heard.back().substr(heard.back().size() - offset_size - 2, offset_size));
    nsp.emit("missed");
    ada = Person(world, back);
    for (auto& text : ada.before) heard.push_back(text);
  }
  ASSERT_EQ(heard.size(), 100u);
  for (std::size_t i = 0; i < heard.size(); ++i)
    EXPECT_EQ(heard[i], std::string(i % 2 == 0 ? R"(2["live",")" : R"(2["missed",")") + offset(i + 1) + R"("])");
}

TEST_F(RecoveryTest, what_a_disconnect_handler_emits_has_its_place_in_the_order) {
  nsp.on_disconnect([&](Socket const&, std::string_view) { nsp.emit("left"); });
  Person ada(world), bob(world);
  nsp.emit("a");
  ada.client->engine.hang_up(9);
  nsp.emit("b");
  EXPECT_THAT(bob.heard(), ElementsAre(R"(2["a",")" + offset(1) + R"("])", R"(2["left",")" + offset(2) + R"("])",
                                       R"(2["b",")" + offset(3) + R"("])"));
}

/// One of many who come and go; what it heard, and what was for it.
struct Wanderer {
  std::optional<RecoveryTest::Person> person;  ///< nothing: it is away
  std::optional<Socket> socket;                ///< the first one
  std::string room, back, offset;
  std::vector<std::string> heard, expected;

  void take(std::vector<std::string> const& packets) {
    for (auto const& packet : packets) {
      auto const name = packet.substr(3, packet.find('"', 3) - 3);
      if (name != "volatile") heard.push_back(name);
      offset = packet.substr(packet.size() - 2 - offset_size, offset_size);
    }
  }
  void leave() {
    take(person->heard());
    back = person->leave(offset);
    person.reset();
  }
  void come(HubWorld& world) {
    auto const sid = socket->id();
    person.emplace(world, back);
    EXPECT_EQ(person->sid, sid);
    take(person->before);
  }
};

TEST(RecoveryProperty, whoever_comes_and_goes_hears_all_that_was_for_it_once_and_in_order) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    HubWorld world({}, brief());
    auto nsp = world.of("/");
    std::optional<Socket> newest;
    nsp.on_connection([&](Socket const& s) { newest = s; });
    std::vector<Wanderer> all(5);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].room = i % 2 == 0 ? "even" : "odd";
      all[i].person.emplace(world);
      all[i].socket = newest;
      newest->join(all[i].room);
      all[i].offset = offset(0);
    }
    for (int step = 0; step < 400; ++step) {
      auto const name = std::to_string(step);
      auto& one = all[random() % all.size()];
      auto const is_for = [&](auto const& who) {
        for (auto& each : all)
          if (who(each)) each.expected.push_back(name);
      };
      switch (random() % 7) {
        case 0:
          nsp.emit(name);
          is_for([](Wanderer const&) { return true; });
          break;
        case 1:
          nsp.to("even").to("none").emit(name, 7);
          is_for([](Wanderer const& each) { return each.room == "even"; });
          break;
        case 2:
          nsp.except("even").emit(name, "text");
          is_for([](Wanderer const& each) { return each.room != "even"; });
          break;
        case 3:
          one.socket->emit(name);
          is_for([&](Wanderer const& each) { return &each == &one; });
          break;
        case 4:
          nsp.everyone().volatile_().emit("volatile", "text");
          break;
        default:
          one.person ? one.leave() : one.come(world);
      }
    }
    for (auto& each : all) {
      if (!each.person) each.come(world);
      each.take(each.person->heard());
      ASSERT_EQ(each.heard, each.expected) << "seed " << seed;
    }
  }
}

TEST_F(RecoveryTest, what_is_emitted_in_the_midst_of_a_delivery_comes_behind_it) {
  Person ada(world);
  // As a question does that another thread asked, and that fails at once.
  world.board->recovery()->find("/")->put(0, [&](Hub&) { nsp.emit("nested"); });
  nsp.emit("a");
  nsp.emit("b");
  EXPECT_THAT(ada.heard(), ElementsAre(R"(2["a",")" + offset(1) + R"("])", R"(2["nested",")" + offset(2) + R"("])",
                                       R"(2["b",")" + offset(3) + R"("])"));
}

TEST_F(RecoveryTest, a_client_that_is_admitted_in_the_midst_of_a_delivery_connects_behind_it) {
  std::optional<Verdict> open;
  nsp.use([&](Socket const&, Verdict verdict) { open = verdict; });
  ClientWorld client(world);
  EXPECT_THAT(client.say("0"), IsEmpty());
  world.board->recovery()->find("/")->put(0, [&](Hub&) { (*open)(admit()); });
  nsp.emit("a");
  EXPECT_THAT(client.heard(), IsEmpty());
  world.deliver_letters();
  EXPECT_THAT(client.heard(), ElementsAre(StartsWith("0{")));
}

TEST_F(RecoveryTest, children_of_a_dynamic_namespace_have_an_order_each) {
  auto parent = Namespace(world.registry, "~dyn");
  world.registry->ensure_pattern("~dyn", [](std::string_view name) { return name.starts_with("/dyn-"); });
  ClientWorld one(world), two(world);
  one.say("0/dyn-1,");
  two.say("0/dyn-2,");
  parent.emit("all");
  parent.emit("again");
  EXPECT_THAT(one.heard(),
              ElementsAre(R"(2/dyn-1,["all",")" + offset(1) + R"("])", R"(2/dyn-1,["again",")" + offset(2) + R"("])"));
  EXPECT_THAT(two.heard(),
              ElementsAre(R"(2/dyn-2,["all",")" + offset(1) + R"("])", R"(2/dyn-2,["again",")" + offset(2) + R"("])"));
}

TEST_F(RecoveryTest, clients_of_socket_io_2_get_offsets_as_on_node_and_no_pid) {
  ClientWorld client(world, engine::Dialect{engine::Revision::v3, engine::BinaryForm::bytes});
  EXPECT_THAT(client.heard(), ElementsAre("0"));
  socket->emit("hi");
  EXPECT_THAT(client.heard(), ElementsAre(R"(2["hi",")" + offset(1) + R"("])"));
  client.engine.hang_up(9);
  EXPECT_EQ(counts().sessions, 0u);
}

TEST_F(RecoveryTest, more_than_a_connection_bears_is_not_replayed) {
  auto settings = brief();
  settings.missed_bytes_max = 1'000;
  HubWorld small({}, settings);
  auto everyone = small.of("/");
  Person ada(small);
  auto const back = ada.leave(offset(0));
  for (int i = 0; i < 20; ++i) everyone.emit("big", std::string(100, 'x'));
  Person again(small, back);
  EXPECT_NE(again.sid, ada.sid);
  EXPECT_THAT(again.before, IsEmpty());
  EXPECT_EQ(small.board->recovery()->counts().too_much_missed, 1u);
}

}  // namespace
}  // namespace chorus::socket
