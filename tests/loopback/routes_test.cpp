// A program's own routes beside Socket.IO, and the browser's client: what is served, by whom, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/http_asking.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using ::testing::ElementsAre;

class OwnRoutes : public ::testing::Test {
 protected:
  Elsewhere elsewhere;
  Server io{four_workers()};
};

TEST_F(OwnRoutes, answer_by_method_path_and_captures) {
  io.route("GET", "/rooms/:room", [](HttpRequest const& request) {
    return HttpReply{200, "text/plain", std::string(request.capture("room")) + ' ' + request.parameter("q"), {}};
  });
  io.route("POST", "/echo", [](HttpRequest const& request) {
    return HttpReply{201, "application/octet-stream", std::string(request.body), {{"X-A", "1"}, {"X-A", "2"}}};
  });
  io.start();
  auto const room = ask(io.port(), "GET", "/rooms/a%20b?q=%2B");
  EXPECT_EQ(room.status, 200);
  EXPECT_EQ(room.body, "a b +");
  auto const echo = ask(io.port(), "POST", "/echo", {}, std::string("a\0b", 3));
  EXPECT_EQ(echo.status, 201);
  EXPECT_EQ(echo.body, std::string("a\0b", 3));
  EXPECT_THAT(values(echo, "X-A"), ElementsAre("1", "2"));
  auto const head = ask(io.port(), "HEAD", "/rooms/x");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(value(head, "Content-Length"), "2");
  EXPECT_EQ(head.body, "");
  auto const wrong = ask(io.port(), "DELETE", "/echo");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(value(wrong, "Allow"), "POST");
  EXPECT_EQ(ask(io.port(), "POST", "/echo", {}, std::string(1'000'001, 'x')).status, 413);
}

TEST_F(OwnRoutes, may_answer_later_from_any_thread_and_requests_behind_wait) {
  io.route("GET", "/later", [this](HttpRequest const& request, HttpResponder respond) {
    elsewhere.run([respond = std::move(respond), n = request.parameter("n")] {
      respond({200, "text/plain", "answer " + n, {}});
      respond({200, "text/plain", "second", {}});
    });
  });
  io.route("GET", "/now", [](HttpRequest const&) { return HttpReply{200, "text/plain", "now", {}}; });
  io.start();
  Connection connection(io.port());
  write_request(connection, "GET", "/later?n=1");
  write_request(connection, "GET", "/later?n=2");
  write_request(connection, "GET", "/now");
  EXPECT_EQ(read_reply(connection).body, "answer 1");
  EXPECT_EQ(read_reply(connection).body, "answer 2");
  EXPECT_EQ(read_reply(connection).body, "now");
}

TEST_F(OwnRoutes, that_throw_or_drop_their_request_are_an_internal_error) {
  io.route("GET", "/throw", [](HttpRequest const&) -> HttpReply { throw std::runtime_error("no"); });
  io.route("GET", "/drop", [](HttpRequest const&, HttpResponder const&) {});
  io.start();
  EXPECT_EQ(ask(io.port(), "GET", "/throw").status, 500);
  EXPECT_EQ(ask(io.port(), "GET", "/drop").status, 500);
}

TEST(SlowRoutes, are_answered_with_504_and_too_late_is_ignored) {
  auto options = four_workers();
  options.route_timeout = std::chrono::milliseconds(30);
  Server io(options);
  std::vector<HttpResponder> responders;  // of one connection, so of one worker
  io.route("GET", "/never", [&](HttpRequest const&, HttpResponder respond) {
    responders.push_back(std::move(respond));
    if (responders.size() == 1) return;
    responders[0]({200, "text/plain", "of the first", {}});
    responders[1]({200, "text/plain", "of the second", {}});
  });
  io.start();
  Connection connection(io.port());
  write_request(connection, "GET", "/never");
  EXPECT_EQ(read_reply(connection).status, 504);
  write_request(connection, "GET", "/never");
  EXPECT_EQ(read_reply(connection).body, "of the second");
  io.stop();
  for (auto const& respond : responders) respond({200, "text/plain", "after the end", {}});
}

TEST_F(OwnRoutes, EE5_EE13_SA20_UW20_leave_other_paths_to_a_fallback_or_404) {
  Server plain(four_workers());
  plain.start();
  EXPECT_EQ(ask(plain.port(), "GET", "/other").status, 404);
  io.fallback([](HttpRequest const& request) {
    return HttpReply{501, "text/plain", std::string(request.method) + ' ' + std::string(request.path), {}};
  });
  io.start();
  for (auto const* method : {"GET", "PUT"}) {
    auto const reply = ask(io.port(), method, "/other?x");
    EXPECT_EQ(reply.status, 501);
    EXPECT_EQ(reply.body, std::string(method) + " /other");
  }
  EXPECT_EQ(ask(io.port(), "GET", polling_path()).status, 200);
}

// ---- the browser's client

constexpr std::string_view names[] = {"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js",
                                      "socket.io.msgpack.min.js"};

class ClientFiles : public ::testing::Test {
 protected:
  ClientFiles() {
    char folder[] = "/tmp/chorus-client-files-XXXXXX";
    folder_ = ::mkdtemp(folder);
    for (auto const name : names) {
      write(std::string(name), "/* " + std::string(name) + " */" + std::string(2'000, ' '));
      write(std::string(name) + ".map", "{\"file\":\"" + std::string(name) + "\"}" + std::string(2'000, ' '));
    }
    write("package.json", "{}");
    write("index.html", "no");
  }
  ~ClientFiles() override { std::filesystem::remove_all(folder_); }
  void write(std::string const& name, std::string const& content) { std::ofstream(folder_ + '/' + name) << content; }
  ServerOptions options() const {
    auto options = four_workers();
    options.client_files = folder_;
    return options;
  }
  std::string folder_;
};

TEST_F(ClientFiles, SA1_to_SA5_SA9_to_SA12_SA18_UW12_to_UW18_are_served_under_the_path_by_their_eight_names) {
  for (bool const slash : {true, false}) {
    auto changed = options();
    changed.add_trailing_slash = slash;
    Server io(changed);
    io.start();
    for (auto const stem : names) {
      std::string const name(stem);
      auto const script = ask(io.port(), "GET", "/socket.io/" + name);
      EXPECT_EQ(script.status, 200) << name;
      EXPECT_TRUE(script.body.starts_with("/* " + name)) << script.body;
      EXPECT_THAT(value(script, "Content-Type"), ::testing::HasSubstr("javascript"));
      EXPECT_THAT(value(script, "ETag"), ::testing::MatchesRegex("\".+\""));
      auto const map = ask(io.port(), "GET", "/socket.io/" + name + ".map?query=1");
      EXPECT_EQ(map.status, 200);
      EXPECT_THAT(value(map, "Content-Type"), ::testing::HasSubstr("application/json"));
    }
    EXPECT_EQ(ask(io.port(), "GET", polling_path()).status, 200);
  }
}

TEST_F(ClientFiles, SA6_SA7_are_compressed_for_whoever_accepts_it) {
  Server io(options());
  io.start();
  auto const packed = ask(io.port(), "GET", "/socket.io/socket.io.js", "Accept-Encoding: gzip, br\r\n");
  EXPECT_EQ(value(packed, "Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 200u);
  auto const smaller = ask(io.port(), "GET", "/socket.io/socket.io.js", "Accept-Encoding: br\r\n");
  EXPECT_EQ(value(smaller, "Content-Encoding"), "br");
  EXPECT_LT(smaller.body.size(), packed.body.size());
  EXPECT_EQ(value(ask(io.port(), "GET", "/socket.io/socket.io.js"), "Content-Encoding"), "");
}

TEST_F(ClientFiles, SA13_SA14_UW21_UW22_are_not_sent_again_to_whoever_has_them) {
  Server io(options());
  io.start();
  auto const etag = value(ask(io.port(), "GET", "/socket.io/socket.io.js"), "ETag");
  for (auto const& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    auto const reply = ask(io.port(), "GET", "/socket.io/socket.io.js", "If-None-Match: " + known + "\r\n");
    EXPECT_EQ(reply.status, 304) << known;
    EXPECT_EQ(reply.body, "");
  }
  auto const other = ask(io.port(), "GET", "/socket.io/socket.io.js", "If-None-Match: \"other\"\r\n");
  EXPECT_EQ(other.status, 200);
}

TEST_F(ClientFiles, SA8_have_the_cors_headers_of_the_path) {
  auto changed = options();
  changed.cors.origins = {"https://one.example"};
  Server io(changed);
  io.start();
  for (auto const* method : {"GET", "OPTIONS"}) {
    auto const reply = ask(io.port(), method, "/socket.io/socket.io.js", "Origin: https://one.example\r\n");
    EXPECT_EQ(reply.status, std::string_view(method) == "GET" ? 200 : 204);
    EXPECT_EQ(value(reply, "Access-Control-Allow-Origin"), "https://one.example");
  }
}

TEST_F(ClientFiles, SA15_SA19_UW19_and_nothing_else_is_served_under_the_path) {
  Server io(options());
  io.start();
  for (auto const* path :
       {"/socket.io/package.json", "/socket.io/index.html", "/socket.io/socket.io.js/", "/socket.io/../socket.io.js",
        "/socket.io/%2e%2e/socket.io.js", "/socket.io//socket.io.js", "/socket.iosocket.io.js", "/socket.io.js",
        "/socket.io/../../../../etc/passwd", "/socket.io/socket.io.js%00"})
    EXPECT_EQ(ask(io.port(), "GET", path).status, 404) << path;
  EXPECT_EQ(ask(io.port(), "POST", "/socket.io/socket.io.js", {}, "x").status, 404);
  Server without(four_workers());
  without.start();
  EXPECT_EQ(ask(without.port(), "GET", "/socket.io/socket.io.js").status, 404);
}

TEST_F(ClientFiles, that_are_not_there_are_a_sentence_at_the_start) {
  auto changed = four_workers();
  changed.client_files = folder_ + "/nowhere";
  Server io(changed);
  EXPECT_THROW(io.start(), std::runtime_error);
}

}  // namespace
}  // namespace chorus
