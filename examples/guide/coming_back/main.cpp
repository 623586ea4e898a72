#include <chorus/server.hpp>
#include <mutex>
#include <set>

using namespace chorus;

int main() {
  Server io({.port = 3000, .connection_state_recovery = {.max_disconnection = std::chrono::minutes(2)}});

  io.on_connection([](Socket const& socket) {
    if (socket.recovered()) return;  // its rooms are as they were, and what it missed is on its way
    socket.join("news");
  });

  io.on("tell", [&io](Socket const&, std::string text) { io.to("news").emit("news", text); });

  // A client with `retries` says an order again until it is acknowledged: it may come twice, by the same number.
  std::mutex mutex;
  std::set<std::string> taken;  // a program of yours has them in its database
  io.on("order", [&](Socket const&, std::string number, std::string what, Ack ack) {
    std::lock_guard lock(mutex);
    if (taken.insert(number).second) io.to("news").emit("ordered", what);
    ack();
  });

  return io.run();
}
