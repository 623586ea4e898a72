// The options of the Engine.IO path that are seen on the wire: cookie, CORS, path, addresses; and of raw Engine.IO.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using ::testing::IsEmpty;

/// A server with one option changed.
template <class Change>
struct Served {
  explicit Served(Change const& change) : io(changed(change)) { io.start(); }
  static ServerOptions changed(Change const& change) {
    auto options = four_workers();
    change(options);
    return options;
  }
  Reply poll(std::string_view extra = {}, std::string_view headers = {}) {
    return ask(io.port(), "GET", polling_path(extra), headers);
  }
  Server io;
};

// ---- cookie

TEST(Cookie, ES11_ES15_is_set_in_the_first_answer_with_the_sessions_id) {
  Served served([](ServerOptions& options) {
    options.cookie.name = "io";
    options.cookie.max_age = std::chrono::minutes(1);
  });
  for (int worker = 0; worker < 4; ++worker) {
    auto const opened = served.poll("&worker=" + std::to_string(worker));
    auto const sid = member(opened.body, "sid");
    EXPECT_THAT(values(opened, "Set-Cookie"),
                ElementsAre("io=" + sid + "; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"));
    EXPECT_THAT(values(ask(served.io.port(), "POST", polling_path("&sid=" + sid), {}, "40"), "Set-Cookie"), IsEmpty());
    EXPECT_THAT(values(served.poll("&sid=" + sid), "Set-Cookie"), IsEmpty());
    EXPECT_THAT(values(ask_upgrade(served.io.port(), websocket_path("&sid=" + sid)), "Set-Cookie"), IsEmpty());
  }
  // As on Node: there is no request that it could help.
  EXPECT_THAT(values(ask_upgrade(served.io.port(), websocket_path()), "Set-Cookie"), IsEmpty());
  EXPECT_THAT(values(served.poll("&sid=unknown"), "Set-Cookie"), IsEmpty());
}

TEST(Cookie, ES12_ES13_ES14_ES16_ES17_is_set_as_the_options_say) {
  for (std::string const path : {"/chat", ""}) {
    Served served([&](ServerOptions& options) {
      options.cookie = {.name = "woot", .path = path, .http_only = false};
      options.cookie.same_site = CookieSettings::SameSite::strict;
    });
    auto const opened = served.poll();
    auto const attribute = path.empty() ? "" : "; Path=" + path;
    EXPECT_THAT(values(opened, "Set-Cookie"),
                ElementsAre("woot=" + member(opened.body, "sid") + attribute + "; SameSite=Strict"));
  }
}
TEST(Cookie, ES19_is_not_set_by_default) {
  Served served([](ServerOptions&) {});
  EXPECT_THAT(values(served.poll(), "Set-Cookie"), IsEmpty());
}

TEST(Cookie, that_would_be_none_is_a_sentence_at_the_start) {
  auto options = four_workers();
  options.cookie.name = "a;b";
  EXPECT_THROW(Server{options}, std::runtime_error);
}

// ---- CORS

constexpr auto from_one = "Origin: https://one.example\r\n";
constexpr auto from_evil = "Origin: https://evil.example\r\n";

TEST(Cors, ES146_ES147_ES148_ES150_are_in_every_answer_and_name_allowed_origins_only) {
  Served served([](ServerOptions& options) {
    options.cors.origins = {"https://one.example"};
    options.cors.credentials = true;
  });
  auto const preflight = ask(served.io.port(), "OPTIONS", polling_path(), from_one);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(value(preflight, "Access-Control-Allow-Methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
  auto const opened = served.poll({}, from_one);
  auto const sid = member(opened.body, "sid");
  auto const refused = served.poll("&sid=x", from_one);
  auto const mismatch = ask(served.io.port(), "GET", websocket_path("&sid=" + sid), from_one);
  auto const direct = ask_upgrade(served.io.port(), websocket_path(), from_one);
  auto const upgraded = ask_upgrade(served.io.port(), websocket_path("&sid=" + sid), from_one);
  for (auto const& reply : {preflight, opened, refused, mismatch, direct, upgraded}) {
    EXPECT_EQ(value(reply, "Access-Control-Allow-Origin"), "https://one.example") << reply.head;
    EXPECT_EQ(value(reply, "Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(value(reply, "Vary").substr(0, 6), "Origin");
  }
  for (auto const& reply : {ask(served.io.port(), "OPTIONS", polling_path(), from_evil), served.poll({}, from_evil)})
    EXPECT_EQ(value(reply, "Access-Control-Allow-Origin"), "");
}

TEST(Cors, ES149_have_all_options_of_nodes_cors) {
  Served served([](ServerOptions& options) {
    options.cors.allow_origin = [](std::string_view origin) { return origin.ends_with(".example"); };
    options.cors.methods = "GET,POST";
    options.cors.allowed_headers = "my-header,other";
    options.cors.exposed_headers = "exposed";
    options.cors.max_age = std::chrono::seconds(123);
    options.cors.options_success_status = 200;
  });
  auto const preflight = ask(served.io.port(), "OPTIONS", polling_path(), from_one);
  EXPECT_EQ(preflight.status, 200);
  EXPECT_EQ(preflight.body, "");
  EXPECT_EQ(value(preflight, "Access-Control-Allow-Origin"), "https://one.example");
  EXPECT_EQ(value(preflight, "Access-Control-Allow-Methods"), "GET,POST");
  EXPECT_EQ(value(preflight, "Access-Control-Allow-Headers"), "my-header,other");
  EXPECT_EQ(value(preflight, "Access-Control-Expose-Headers"), "exposed");
  EXPECT_EQ(value(preflight, "Access-Control-Max-Age"), "123");
  EXPECT_EQ(value(served.poll({}, from_one), "Access-Control-Expose-Headers"), "exposed");
}

TEST(Cors, that_are_enforced_keep_pages_of_other_origins_from_sessions) {
  Served served([](ServerOptions& options) {
    options.cors.origins = {"https://one.example"};
    options.cors.enforce = true;
  });
  for (auto const* headers : {from_one, "", "Origin: http://localhost\r\n"}) {  // the last is whom these requests name
    auto const opened = served.poll({}, headers);
    EXPECT_EQ(opened.status, 200) << headers;
    EXPECT_EQ(ask_upgrade(served.io.port(), websocket_path(), headers).status, 101) << headers;
    auto const session = polling_path("&sid=" + member(opened.body, "sid"));
    EXPECT_EQ(ask(served.io.port(), "POST", session, from_evil, "40").body, "ok") << "who knows its id has it";
  }
  auto const poll = served.poll({}, from_evil);
  EXPECT_EQ(poll.status, 403);
  EXPECT_EQ(poll.body, R"({"code":4,"message":"Forbidden"})");
  auto const websocket = ask_upgrade(served.io.port(), websocket_path(), from_evil);
  EXPECT_EQ(websocket.status, 400);
  EXPECT_EQ(websocket.body, "Forbidden");
}

TEST(Cors, that_are_enforced_without_a_list_leave_the_servers_own_pages) {
  Served served([](ServerOptions& options) { options.cors.enforce = true; });
  EXPECT_EQ(ask_upgrade(served.io.port(), websocket_path(), from_one).status, 400);
  EXPECT_EQ(ask_upgrade(served.io.port(), websocket_path()).status, 101);
}

TEST(Cors, of_a_preflight_that_goes_on_are_in_engine_ios_answer) {
  Served served([](ServerOptions& options) {
    options.cors.origins = {"*"};
    options.cors.preflight_continue = true;
  });
  auto const answer = ask(served.io.port(), "OPTIONS", polling_path(), from_one);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(value(answer, "Access-Control-Allow-Origin"), "*");
  EXPECT_NE(value(answer, "Access-Control-Allow-Methods"), "");
}

// ---- answers, addresses, paths

TEST(Answers, ES138_ES139_ES140_are_not_stored_and_do_not_alarm_old_explorers) {
  Served served([](ServerOptions&) {});
  auto const modern = served.poll({}, "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0\r\n");
  EXPECT_EQ(value(modern, "Cache-Control"), "no-store");
  EXPECT_EQ(value(modern, "X-XSS-Protection"), "");
  for (auto const* agent : {"Mozilla/4.0 (compatible;MSIE 8.0;Windows NT 6.0)",
                            "Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko"}) {
    auto const headers = "User-Agent: " + std::string(agent) + "\r\n";
    auto const opened = served.poll({}, headers);
    auto const posted =
        ask(served.io.port(), "POST", polling_path("&sid=" + member(opened.body, "sid")), headers, "40");
    for (auto const& reply : {opened, posted}) {
      EXPECT_EQ(value(reply, "X-XSS-Protection"), "0");
      EXPECT_EQ(value(reply, "Cache-Control"), "no-store");
    }
  }
}

TEST(RawEngine, ES35_ES36_ES136_ES137_ES152_ES153_sees_the_request_and_the_address) {
  Server io(four_workers());
  EngineHandlers handlers;
  handlers.on_open = [](EngineSocket& socket) {
    auto const& request = socket.request();
    std::string line = std::string(socket.transport()) + ' ' + std::to_string(socket.protocol()) + ' ' +
                       std::string(request.address()) + ' ' + std::string(request.url());
    for (auto const& [name, text] : request.headers())
      if (name == "x-custom") line.append(" ").append(text);
    socket.send_text(line);
  };
  io.engine("/raw/", handlers);
  io.start();
  std::string const target = "/raw/?EIO=4&transport=polling&a=b";
  auto const opened = ask(io.port(), "GET", target, "X-Custom: here\r\n");
  auto const polled = ask(io.port(), "GET", target + "&sid=" + member(opened.body, "sid"));
  EXPECT_EQ(polled.body, "4polling 4 127.0.0.1 " + target + " here");
  auto websocket = WebSocketClient::raw(io.port(), "/raw/?EIO=4&transport=websocket", "X-Custom: there\r\n");
  websocket.receive();
  EXPECT_EQ(websocket.receive(), "4websocket 4 127.0.0.1 /raw/?EIO=4&transport=websocket there");
}

TEST(RawEngine, has_hooks_of_its_own) {
  Server io(four_workers());
  EngineHandlers handlers;
  handlers.hooks.use([](HttpRequest const&, HttpStep const& step) { step.add_header("X-Raw", "1").next(); });
  handlers.hooks.generate_id([](HttpRequest const&) { return std::string("raw"); });
  io.engine("/raw/", handlers);
  io.start();
  auto const raw = ask(io.port(), "GET", "/raw/?EIO=4&transport=polling");
  EXPECT_EQ(value(raw, "X-Raw"), "1");
  EXPECT_TRUE(member(raw.body, "sid").starts_with("raw."));
  auto const other = ask(io.port(), "GET", polling_path());
  EXPECT_EQ(value(other, "X-Raw"), "");
  EXPECT_FALSE(member(other.body, "sid").starts_with("raw."));
}

TEST(ClientAddress, is_the_forwarded_one_when_the_proxy_is_trusted) {
  for (bool const trusted : {true, false}) {
    auto options = four_workers();
    if (trusted) options.trusted_proxies = {"127.0.0.0/8"};
    std::mutex mutex;
    std::vector<std::string> addresses;
    options.allow_request = [&](Handshake const& handshake) {
      std::lock_guard lock(mutex);
      addresses.emplace_back(handshake.address());
      return true;
    };
    Server io(options);
    io.on_connection([](Socket const& socket) { socket.emit("address", std::string(socket.handshake().address())); });
    io.start();
    auto const* const forwarded = "X-Forwarded-For: 9.9.9.9, 203.0.113.7\r\n";
    std::string const expected = trusted ? "203.0.113.7" : "127.0.0.1";
    for (int worker = 0; worker < 4; ++worker) {
      auto const place = "&worker=" + std::to_string(worker);
      WebSocketClient client(io.port(), place, forwarded);
      client.connect();
      EXPECT_EQ(client.receive(), "42[\"address\",\"" + expected + "\"]");
      auto const sid = member(ask(io.port(), "GET", polling_path(place), forwarded).body, "sid");
      ask(io.port(), "POST", polling_path("&sid=" + sid), {}, "40");
      EXPECT_THAT(ask(io.port(), "GET", polling_path("&sid=" + sid)).body,
                  ::testing::HasSubstr("[\"address\",\"" + expected + "\"]"));
    }
    std::lock_guard lock(mutex);
    EXPECT_THAT(addresses, ::testing::AllOf(::testing::SizeIs(8), ::testing::Each(expected)));
  }
}

TEST(TrustedProxies, that_are_no_networks_are_a_sentence_at_the_start) {
  auto options = four_workers();
  options.trusted_proxies = {"10.0.0.0/99"};
  EXPECT_THROW(Server{options}, std::runtime_error);
}

TEST(Path, ES42_ends_with_a_slash_unless_it_is_told_not_to) {
  for (auto const* path : {"/engine/", "/engine", "engine"}) {
    Served slashed([path](ServerOptions& options) { options.path = path; });
    EXPECT_EQ(ask(slashed.io.port(), "GET", "/engine/?EIO=4&transport=polling").status, 200) << path;
    EXPECT_EQ(ask(slashed.io.port(), "GET", "/engine?EIO=4&transport=polling").status, 404);
    Served bare([path](ServerOptions& options) {
      options.path = path;
      options.add_trailing_slash = false;
    });
    for (auto const* asked : {"/engine", "/engine/", "/engine/below"})
      EXPECT_EQ(ask(bare.io.port(), "GET", std::string(asked) + "?EIO=4&transport=polling").status, 200) << asked;
    EXPECT_EQ(ask(bare.io.port(), "GET", "/engines?EIO=4&transport=polling").status, 404);
  }
}

TEST(Upgrades, EE9_of_other_paths_are_refused_and_the_connection_ends) {
  Served served([](ServerOptions&) {});
  Connection connection(served.io.port());
  write_request(connection, "GET", "/other", {}, websocket_headers);
  EXPECT_EQ(read_reply(connection).status, 404);
  EXPECT_TRUE(connection.ends());
}

TEST(Upgrades, of_other_paths_are_requests_like_any_other_when_the_program_wants_them) {
  auto options = four_workers();
  options.destroy_upgrade = false;
  Server io(options);
  io.route("GET", "/other", [](HttpRequest const&) {
    return HttpReply{426, "text/plain", "another protocol", {{"Upgrade", "other"}}};
  });
  io.start();
  Connection connection(io.port());
  write_request(connection, "GET", "/other", {}, websocket_headers);
  EXPECT_EQ(read_reply(connection).body, "another protocol");
  write_request(connection, "GET", "/nowhere", {}, websocket_headers);
  EXPECT_EQ(read_reply(connection).status, 404);
  write_request(connection, "GET", polling_path());
  EXPECT_EQ(read_reply(connection).status, 200);
}

TEST(Upgrades, of_other_paths_have_the_routes_time_for_an_answer) {
  auto options = four_workers();
  options.destroy_upgrade = false;
  options.route_timeout = std::chrono::milliseconds(30);
  Server io(options);
  std::vector<HttpResponder> kept;
  io.route("GET", "/silent", [&](HttpRequest const&, HttpResponder respond) { kept.push_back(std::move(respond)); });
  io.start();
  Connection connection(io.port());
  write_request(connection, "GET", "/silent", {}, websocket_headers);
  EXPECT_EQ(read_reply(connection).status, 504);
  io.stop();
}

}  // namespace
}  // namespace chorus
