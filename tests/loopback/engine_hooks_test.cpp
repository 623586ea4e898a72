// What a program says about Engine.IO requests, at once or from another thread later, on both transports: middlewares,
// the gate, session ids, headers, and what it hears of refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/http_asking.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

enum class When { at_once, later };

/// Every hook here answers in both ways.
class EngineHooksTest : public ::testing::TestWithParam<When> {
 protected:
  explicit EngineHooksTest(ServerOptions const& options = four_workers()) : io(options) {
    io.on("echo", [](Socket const& socket, ArgView x) { socket.emit("echo", x); });
  }
  template <class F>
  void decide(F f) {
    if (GetParam() == When::at_once)
      f();
    else
      elsewhere.run(std::move(f));
  }
  Reply poll(std::string_view extra = {}, std::string_view headers = {}) {
    return ask(io.port(), "GET", polling_path(extra), headers);
  }
  Reply upgrade(std::string_view extra = {}, std::string_view headers = {}) {
    return ask_upgrade(io.port(), websocket_path(extra), headers);
  }
  /// A client of the session upgrades and says something.
  void expect_service(std::string const& sid) {
    auto client = WebSocketClient::probe(io.port(), sid);
    client.send("5");
    ASSERT_TRUE(client.connect().starts_with("40{"));
    client.send("42[\"echo\",1]");
    ASSERT_EQ(client.receive(), "42[\"echo\",1]");
  }

  Elsewhere elsewhere;
  Server io;
};
INSTANTIATE_TEST_SUITE_P(Verdicts, EngineHooksTest, ::testing::Values(When::at_once, When::later),
                         [](::testing::TestParamInfo<When> const& each) {
                           return each.param == When::later ? "from_another_thread" : "at_once";
                         });

// ---- middlewares

TEST_P(EngineHooksTest, EM1_EM2_EM6_EM7_a_middleware_adds_headers_to_polls_and_to_101) {
  io.engine().use([this](HttpRequest const&, HttpStep step) {
    decide([step] { step.add_header("X-Frame-Options", "SAMEORIGIN").add_header("foo", "bar").next(); });
  });
  io.start();
  auto const opened = poll();
  EXPECT_EQ(opened.status, 200);
  auto const sid = member(opened.body, "sid");
  auto const posted = ask(io.port(), "POST", polling_path("&sid=" + sid), {}, "40");
  auto const direct = upgrade();
  auto const upgraded = upgrade("&sid=" + sid);
  auto const refused = poll("&sid=unknown");
  EXPECT_EQ(direct.status, 101);
  EXPECT_EQ(upgraded.status, 101);
  EXPECT_EQ(refused.status, 400);
  for (auto const& reply : {opened, posted, direct, upgraded, refused}) {
    EXPECT_THAT(values(reply, "foo"), ElementsAre("bar")) << reply.head;
    EXPECT_THAT(values(reply, "X-Frame-Options"), ElementsAre("SAMEORIGIN"));
  }
}

TEST_P(EngineHooksTest, EM3_all_middlewares_run_in_order) {
  for (char const* name : {"a", "b", "c"})
    io.engine().use([this, name](HttpRequest const&, HttpStep step) {
      decide([step, name] { step.add_header("X-Seen", name).next(); });
    });
  io.start();
  EXPECT_THAT(values(poll(), "X-Seen"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(values(upgrade(), "X-Seen"), ElementsAre("a", "b", "c"));
  expect_service(open_polling(io.port()));
}

TEST_P(EngineHooksTest, EM4_EM5_a_middleware_may_answer_itself) {
  std::atomic<int> later_ones = 0;
  io.engine().use([this](HttpRequest const&, HttpStep step) {
    decide([step] { step.add_header("X-A", "1").end({503, "text/plain", "busy\n", {{"Retry-After", "9"}}}); });
  });
  io.engine().use([&](HttpRequest const&, HttpStep const& step) {
    ++later_ones;
    step.next();
  });
  io.start();
  for (auto const& reply : {poll(), upgrade()}) {
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.body, "busy\n");
    EXPECT_EQ(value(reply, "Retry-After"), "9");
    EXPECT_EQ(value(reply, "X-A"), "1");
  }
  EXPECT_EQ(later_ones, 0);
  EXPECT_EQ(io.stats().sessions, 0u);
}

TEST_P(EngineHooksTest, EM8_EM9_a_middleware_may_keep_a_cookie_session) {
  io.engine().use([this](HttpRequest const& request, HttpStep step) {
    if (request.header("Cookie").find("sid=1") != std::string_view::npos) return step.next();
    decide([step] { step.add_header("Set-Cookie", "sid=1").add_header("Set-Cookie", "other=2").next(); });
  });
  io.start();
  EXPECT_THAT(values(poll(), "Set-Cookie"), ElementsAre("sid=1", "other=2"));
  EXPECT_THAT(values(poll({}, "Cookie: a=b; sid=1\r\n"), "Set-Cookie"), IsEmpty());
  EXPECT_THAT(values(upgrade(), "Set-Cookie"), ElementsAre("sid=1", "other=2"));
  EXPECT_THAT(values(upgrade({}, "Cookie: sid=1\r\n"), "Set-Cookie"), IsEmpty());
}

TEST_P(EngineHooksTest, EM10_EM11_a_middleware_that_fails_refuses_with_code_3) {
  std::mutex mutex;
  std::vector<std::string> causes;
  io.engine().use([this](HttpRequest const& request, HttpStep step) {
    if (request.parameter("throw") == "1") throw std::runtime_error("no");
    if (request.parameter("drop") == "1") return;
    decide([step] { step.fail(); });
  });
  io.engine().on_connection_error([&](HttpRequest const&, ConnectionError const& error) {
    std::lock_guard lock(mutex);
    causes.push_back(error.context.at(0).second);
  });
  io.start();
  for (auto const* how : {"", "&throw=1", "&drop=1"}) {
    auto const polled = poll(how);
    EXPECT_EQ(polled.status, 400);
    EXPECT_EQ(polled.body, R"({"code":3,"message":"Bad request"})");
    auto const upgraded = upgrade(how);
    EXPECT_EQ(upgraded.status, 400);
    EXPECT_EQ(upgraded.body, "Bad request");
  }
  std::lock_guard lock(mutex);
  EXPECT_THAT(causes, ::testing::AllOf(::testing::SizeIs(6), ::testing::Each("MIDDLEWARE_FAILURE")));
}

TEST_P(EngineHooksTest, EM12_the_limit_of_a_body_holds_with_middlewares_too) {
  io.engine().use([this](HttpRequest const&, HttpStep step) { decide([step] { step.next(); }); });
  io.start();
  auto const sid = open_polling(io.port());
  EXPECT_EQ(ask(io.port(), "POST", polling_path("&sid=" + sid), {}, '4' + std::string(1'000'000, 'x')).status, 413);
  expect_service(sid);
}

TEST_P(EngineHooksTest, a_middleware_sees_the_request) {
  std::mutex mutex;
  std::string seen;
  io.engine().use([&](HttpRequest const& request, HttpStep const& step) {
    std::lock_guard lock(mutex);
    seen = std::string(request.method) + ' ' + std::string(request.url) + ' ' + request.parameter("a") + ' ' +
           std::string(request.header("x-test")) + ' ' + std::string(request.address) + ' ' + std::string(request.body);
    step.next();
  });
  io.start();
  ask(io.port(), "POST", polling_path("&a=%20b&sid=x"), "X-Test: yes\r\n", "body");
  std::lock_guard lock(mutex);
  EXPECT_EQ(seen, "POST /socket.io/?EIO=4&transport=polling&a=%20b&sid=x  b yes 127.0.0.1 body");
}

// ---- the gate

class Gated : public EngineHooksTest {
 protected:
  Gated() : EngineHooksTest(options(this)) {}
  static ServerOptions options(Gated* self) {
    auto options = four_workers();
    options.allow_request = [self](Handshake const& handshake, Gate gate) {
      std::string const why(handshake.query("why").value_or(""));
      self->decide([gate, why] { why.empty() ? gate.allow() : gate.refuse(why == "-" ? "" : why); });
    };
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Verdicts, Gated, ::testing::Values(When::at_once, When::later),
                         [](::testing::TestParamInfo<When> const& each) {
                           return each.param == When::later ? "from_another_thread" : "at_once";
                         });

TEST_P(Gated, ES4_ES5_HS4_a_gate_refuses_with_its_own_words) {
  std::mutex mutex;
  std::vector<std::string> heard;
  io.engine().on_connection_error([&](HttpRequest const&, ConnectionError const& error) {
    std::lock_guard lock(mutex);
    std::string line = std::to_string(error.code) + ' ' + std::string(error.message);
    for (auto const& [name, text] : error.context) line += ' ' + name + '=' + text;
    heard.push_back(line);
  });
  io.start();
  auto const polled = poll("&why=not+%22you%22");
  EXPECT_EQ(polled.status, 403);
  EXPECT_EQ(polled.body, R"({"code":4,"message":"not \"you\""})");
  EXPECT_EQ(poll("&why=-").body, R"({"code":4,"message":"Forbidden"})");
  auto const upgraded = upgrade("&why=go");
  EXPECT_EQ(upgraded.status, 400);
  EXPECT_EQ(upgraded.body, "go");
  EXPECT_EQ(io.stats().sessions, 0u);
  std::lock_guard lock(mutex);
  EXPECT_THAT(heard, ElementsAre("4 Forbidden message=not \"you\"", "4 Forbidden", "4 Forbidden message=go"));
}

TEST_P(Gated, HS3_a_gate_admits_and_is_asked_once_a_session) {
  io.start();
  expect_service(open_polling(io.port()));
  WebSocketClient client(io.port());
  EXPECT_TRUE(client.connect().starts_with("40{"));
}

// ---- session ids

TEST_P(EngineHooksTest, ES21_ES22_a_programs_text_begins_the_id_and_the_session_is_found_by_it) {
  io.engine().generate_id([this](HttpRequest const& request, SessionText text) {
    decide([text, name = request.parameter("name")] { text("user-" + name); });
  });
  io.start();
  for (int worker = 0; worker < 4; ++worker) {
    auto const sid = open_polling(io.port(), "&name=x&worker=" + std::to_string(worker));
    EXPECT_TRUE(sid.starts_with("user-x.")) << sid;
    expect_service(sid);
    WebSocketClient client(io.port(), "&name=y&worker=" + std::to_string(worker));
    EXPECT_TRUE(client.sid().starts_with("user-y.")) << client.sid();
    EXPECT_TRUE(client.connect().starts_with("40{"));
  }
}

TEST_P(EngineHooksTest, two_equal_texts_are_two_sessions) {
  io.engine().generate_id([](HttpRequest const&) { return std::string("same"); });
  io.start();
  auto const one = open_polling(io.port(), "&worker=1"), two = open_polling(io.port(), "&worker=1");
  EXPECT_NE(one, two);
  expect_service(one);
  expect_service(two);
  EXPECT_EQ(poll("&sid=same").status, 400);
  EXPECT_EQ(poll("&sid=other" + one.substr(4)).status, 400);
}

TEST_P(EngineHooksTest, ES23_ES24_an_id_that_fails_is_a_bad_request) {
  std::mutex mutex;
  std::vector<std::string> causes;
  io.engine().generate_id([this](HttpRequest const& request, SessionText text) {
    auto const how = request.parameter("how");
    if (how == "throw") throw std::runtime_error("no");
    decide([text, how] { how == "fail" ? text.fail() : text(how == "bad" ? "a/b" : std::string(65, 'x')); });
  });
  io.engine().on_connection_error([&](HttpRequest const&, ConnectionError const& error) {
    std::lock_guard lock(mutex);
    causes.push_back(error.context.at(0).second);
  });
  io.start();
  for (auto const* how : {"throw", "fail", "bad", "long"}) {
    auto const polled = poll(std::string("&how=") + how);
    EXPECT_EQ(polled.status, 400) << how;
    EXPECT_EQ(polled.body, R"({"code":3,"message":"Bad request"})");
    auto const upgraded = upgrade(std::string("&how=") + how);
    EXPECT_EQ(upgraded.status, 400);
    EXPECT_EQ(upgraded.body, "Bad request");
  }
  EXPECT_EQ(io.stats().sessions, 0u);
  std::lock_guard lock(mutex);
  EXPECT_THAT(causes, ::testing::AllOf(::testing::SizeIs(8), ::testing::Each("ID_GENERATION_ERROR")));
}

// ---- headers

TEST_P(EngineHooksTest, ES141_to_ES145_initial_headers_come_once_a_session_and_headers_each_time) {
  io.engine().on_initial_headers([](HttpHeaders& headers, HttpRequest const& request, std::string_view sid) {
    headers.emplace_back("X-Initial", std::string(sid) + request.parameter("a"));
    headers.emplace_back("Set-Cookie", "one=1");
    headers.emplace_back("Set-Cookie", "two=2");
  });
  io.engine().on_headers([](HttpHeaders& headers, HttpRequest const& request, std::string_view sid) {
    headers.emplace_back("X-Each", std::string(request.method) + std::string(sid));
  });
  io.start();
  auto const opened = poll("&a=!");
  auto const sid = member(opened.body, "sid");
  EXPECT_THAT(values(opened, "X-Initial"), ElementsAre(sid + '!'));
  EXPECT_THAT(values(opened, "Set-Cookie"), ElementsAre("one=1", "two=2"));
  EXPECT_THAT(values(opened, "X-Each"), ElementsAre("GET" + sid));
  auto const posted = ask(io.port(), "POST", polling_path("&sid=" + sid), {}, "40");
  EXPECT_THAT(values(posted, "X-Each"), ElementsAre("POST" + sid));
  auto const polled = poll("&sid=" + sid);
  EXPECT_THAT(values(polled, "X-Each"), ElementsAre("GET" + sid));
  auto const upgraded = upgrade("&sid=" + sid);
  EXPECT_EQ(upgraded.status, 101);
  EXPECT_THAT(values(upgraded, "X-Each"), ElementsAre("GET" + sid));
  for (auto const& reply : {posted, polled, upgraded}) EXPECT_THAT(values(reply, "X-Initial"), IsEmpty());
  for (auto const& reply : {posted, polled, upgraded}) EXPECT_THAT(values(reply, "Set-Cookie"), IsEmpty());
  for (int worker = 0; worker < 4; ++worker) {
    auto const direct = upgrade("&worker=" + std::to_string(worker));
    EXPECT_THAT(values(direct, "X-Initial"), ::testing::SizeIs(1));
    EXPECT_THAT(values(direct, "X-Each"), ::testing::SizeIs(1));
    EXPECT_THAT(values(direct, "Set-Cookie"), ElementsAre("one=1", "two=2"));
  }
}

// ---- who does not answer, or too late

TEST_P(EngineHooksTest, a_verdict_behind_the_end_of_its_client_or_of_the_server_changes_nothing) {
  std::mutex mutex;
  std::vector<HttpStep> steps;
  auto const count = [&] {
    std::lock_guard lock(mutex);
    return steps.size();
  };
  {
    Server short_lived(four_workers());
    short_lived.engine().use([&](HttpRequest const&, HttpStep step) {
      std::lock_guard lock(mutex);
      steps.push_back(std::move(step));
    });
    short_lived.start();
    Connection gone(short_lived.port()), stays(short_lived.port());
    write_request(gone, "GET", polling_path());
    write_request(stays, "GET", polling_path());
    while (count() < 2) std::this_thread::yield();
    // A reset: the end of a sending half alone would not be the end of its request.
    linger const at_once{1, 0};
    ::setsockopt(gone.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    gone.close();
    while (short_lived.stats().connections > 1) std::this_thread::yield();
    {
      std::lock_guard lock(mutex);
      for (auto const& step : steps) step.next();
    }
    EXPECT_EQ(read_reply(stays).status, 200);
    EXPECT_EQ(short_lived.stats().sessions, 1u);
    write_request(stays, "GET", polling_path());
    while (count() < 3) std::this_thread::yield();
  }
  std::lock_guard lock(mutex);
  for (auto const& step : steps) step.next();
}

class Impatient : public EngineHooksTest {
 protected:
  Impatient() : EngineHooksTest(options()) {}
  static ServerOptions options() {
    auto options = four_workers();
    options.admission_timeout = std::chrono::milliseconds(30);
    options.allow_request = [](Handshake const& handshake, Gate gate) {
      if (!handshake.query("gate")) return gate.allow();
      static Gate const forgotten = gate;  // kept, and never asked again
    };
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Verdicts, Impatient, ::testing::Values(When::later),
                         [](auto const&) { return "that_never_come"; });

TEST_P(Impatient, refuse_the_request_when_the_time_is_over) {
  std::mutex mutex;
  std::vector<HttpStep> steps;
  std::vector<SessionText> texts;
  io.engine().use([&](HttpRequest const& request, HttpStep step) {
    if (request.parameter("step").empty()) return step.next();
    std::lock_guard lock(mutex);
    steps.push_back(std::move(step));
  });
  io.engine().generate_id([&](HttpRequest const& request, SessionText text) {
    if (request.parameter("text").empty()) return text("fine");
    std::lock_guard lock(mutex);
    texts.push_back(std::move(text));
  });
  io.start();
  EXPECT_EQ(poll("&step=1").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(poll("&gate=1").body, R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(poll("&text=1").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(upgrade("&step=1").body, "Bad request");
  EXPECT_EQ(upgrade("&text=1").body, "Bad request");
  expect_service(open_polling(io.port()));
}

// ---- what the program hears of refusals

TEST(ConnectionErrors, ES1_ES2_ES3_ES9_ES10_ES34_ES37_ES39_ES40_are_told_with_code_message_and_context) {
  Server io(four_workers());
  std::mutex mutex;
  std::string heard;
  io.engine().on_connection_error([&](HttpRequest const& request, ConnectionError const& error) {
    std::lock_guard lock(mutex);
    heard = std::string(request.method) + ' ' + std::to_string(error.code) + ' ' + std::string(error.message);
    for (auto const& [name, text] : error.context) heard += ' ' + name + '=' + text;
  });
  io.start();
  auto const told = [&](Reply const& reply) {
    std::lock_guard lock(mutex);
    return std::to_string(reply.status) + ' ' + std::exchange(heard, {});
  };
  auto const get = [&](std::string const& query, std::string_view headers = {}) {
    return ask(io.port(), "GET", "/socket.io/?" + query, headers);
  };
  EXPECT_EQ(told(get("EIO=4&transport=tobi")), "400 GET 0 Transport unknown transport=tobi");
  for (std::string const name : {"constructor", "__proto__"}) {
    EXPECT_EQ(told(get("EIO=4&transport=" + name)), "400 GET 0 Transport unknown transport=" + name);
    EXPECT_EQ(told(ask_upgrade(io.port(), "/socket.io/?EIO=4&transport=" + name)),
              "400 GET 0 Transport unknown transport=" + name);
  }
  EXPECT_EQ(told(get("EIO=4&transport=polling&sid=test")), "400 GET 1 Session ID unknown sid=test");
  auto const sid = open_polling(io.port());
  EXPECT_EQ(told(get("EIO=4&transport=websocket&sid=" + sid)),
            "400 GET 3 Bad request name=TRANSPORT_MISMATCH transport=websocket");
  EXPECT_EQ(ask(io.port(), "POST", polling_path("&sid=" + sid), {}, "40").status, 200);  // it goes on
  EXPECT_EQ(told(get("EIO=4&transport=websocket")), "400 GET 3 Bad request name=TRANSPORT_HANDSHAKE_ERROR");
  EXPECT_EQ(told(get("EIO=4&transport=polling", "Origin: a\x01z\r\n")), "400 ") << "this is not even HTTP";
  EXPECT_EQ(told(ask(io.port(), "OPTIONS", polling_path())), "400 OPTIONS 2 Bad handshake method method=OPTIONS");
  EXPECT_EQ(told(get("EIO=3&transport=polling")), "400 GET 5 Unsupported protocol version protocol=3");
}

TEST(ConnectionErrors, are_told_of_ended_and_of_upgraded_sessions_too) {
  Server io(four_workers());
  std::mutex mutex;
  std::vector<std::string> heard;
  io.engine().on_connection_error([&](HttpRequest const&, ConnectionError const& error) {
    std::lock_guard lock(mutex);
    heard.push_back(std::to_string(error.code) + ' ' + error.context.at(0).second);
  });
  io.start();
  auto const ended = open_polling(io.port());
  EXPECT_EQ(ask(io.port(), "POST", polling_path("&sid=" + ended), {}, "1").status, 200);
  EXPECT_EQ(ask(io.port(), "GET", polling_path("&sid=" + ended)).status, 400);
  EXPECT_EQ(ask_upgrade(io.port(), websocket_path("&sid=" + ended)).status, 400);
  WebSocketClient direct(io.port());
  EXPECT_EQ(ask(io.port(), "GET", polling_path("&sid=" + direct.sid())).status, 400);
  std::lock_guard lock(mutex);
  EXPECT_THAT(heard, ElementsAre("1 " + ended, "1 " + ended, "3 TRANSPORT_MISMATCH"));
}

}  // namespace
}  // namespace chorus
