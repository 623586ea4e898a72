// What a user's first program does, but that it stops by itself.
#include <chorus/server.hpp>
#include <iostream>
#include <string>

int main() {
  chorus::Server io({.host = "localhost", .port = 0, .workers = 2});
  io.on_connection([](chorus::Socket const& socket) {
    socket.on("message", [](chorus::Socket const& sender, std::string text) { sender.emit("message", text); });
  });
  io.start();
  bool const listening = io.port() != 0;
  std::cout << "listening on port " << io.port() << " with " << io.workers() << " workers\n";
  io.stop();
  return listening ? 0 : 1;
}
