#include <atomic>
#include <chorus/server.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

using namespace chorus;

/// Shared by all handlers, which run on many threads: it brings its own lock.
class Scores {
 public:
  int add(std::string const& name, int points) {
    std::lock_guard const lock(mutex_);
    return points_[name] += points;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> points_;
};

int main() {
  Server io({.port = 3000, .workers = 4});
  Scores scores;

  // Runs on the worker of the socket that sent it; those of other sockets run at the same time on theirs.
  io.on("score", [&](Socket const&, std::string name, int points, Ack ack) { ack(scores.add(name, points)); });

  // Of one socket's own: its handlers never run at the same time, so this needs no lock.
  io.on_connection([](Socket const& socket) { socket.set_data(0); });
  io.on("count", [](Socket const& socket, Ack ack) { ack(++socket.data<int>()); });

  // A thread of your own emits as any handler does: handles may be used everywhere.
  std::atomic<bool> ends = false;
  std::thread clock([&] {
    for (int tick = 0; !ends; ++tick) {
      io.to("watchers").emit("tick", tick);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  io.on("watch", [](Socket const& socket) { socket.join("watchers"); });

  int const code = io.run();
  ends = true;
  clock.join();
  return code;
}
