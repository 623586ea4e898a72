#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({.port = 3000, .connection_state_recovery = {.max_disconnection = std::chrono::minutes(2)}});

  io.on_connection([](Socket const& socket) {
    if (socket.recovered()) return;  // its rooms are as they were, and what it missed is on its way
    socket.join("news");
  });

  io.on("tell", [&io](Socket const&, std::string text) { io.to("news").emit("news", text); });

  return io.run();
}
