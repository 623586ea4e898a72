// What a user's first program does, but that it stops by itself.
#include <chorus/admin.hpp>
#include <chorus/server.hpp>
#include <chorus/testing.hpp>
#include <iostream>
#include <string>

namespace {

void serve(chorus::Server& io) {
  io.on_connection([](chorus::Socket const& socket) {
    socket.on("message", [](chorus::Socket const& sender, std::string text) { sender.emit("message", text); });
  });
}

/// Its unit test, which the same package has all for.
bool echoes() {
  chorus::Server io({.workers = 1});
  serve(io);
  chorus::Harness harness(io);
  auto const client = harness.connect();
  client.emit("message", "hello");
  return client.last<std::string>("message") == "hello";
}

/// Who knows the password, "changeit", may look at it.
bool can_be_looked_at() {
  chorus::Server io({.workers = 1});
  chorus::instrument(io,
                     {.auth = chorus::BasicAuth{"me", "$2b$04$abcdefghijklmnopqrstuudwGrhhx5JklpO9.j/ckWDCf3exvs1/2"}});
  chorus::Harness harness(io);
  return harness.connect({.nsp = "/admin", .auth = R"({"username":"me","password":"changeit"})"}).connected();
}

}  // namespace

int main() {
  if (!echoes() || !can_be_looked_at()) return 1;
  chorus::Server io({.host = "localhost", .port = 0, .workers = 2});
  serve(io);
  io.start();
  bool const listening = io.port() != 0;
  std::cout << "listening on port " << io.port() << " with " << io.workers() << " workers\n";
  io.stop();
  return listening ? 0 : 1;
}
