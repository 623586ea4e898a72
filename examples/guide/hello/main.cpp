#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({.port = 3000});

  io.on_connection([](Socket const& socket) { socket.emit("welcome", "You are", socket.id()); });

  io.on("greet", [](Socket const& socket, std::string name) { socket.emit("greeting", "Hello, " + name + "!"); });

  return io.run();  // until SIGINT or SIGTERM
}
