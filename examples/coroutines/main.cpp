// Handlers that wait: for another client's answer, for time, for work that blocks. Each runs on its socket's worker,
// which serves everybody else meanwhile.
#include <chorus/coroutine.hpp>
#include <chorus/server.hpp>

using namespace chorus;
using namespace std::chrono_literals;

/// Stands for a database: it blocks whoever calls it.
static bool is_member(std::string const& name) { return !name.empty() && name != "mallory"; }

int main() {
  Server io({.port = 3000});

  io.use([](Handshake hs) -> Task<Admission> {
    auto const name = hs.auth<std::string>("name").value_or("");
    bool const known = co_await offload(is_member, name);  // on a helper thread
    co_return known ? admit(UserId{name}) : refuse("not a member");
  });

  io.on("invite", [&io](Socket from, std::string whom, Ack ack) -> Task<> {
    auto const guest = io.user(UserId{whom});
    auto const answers = co_await guest.timeout(2s).emit_with_ack("invited", from.user().value);
    ack(answers.complete, answers.answers.size());  // no answer in time is a value, too
  });

  io.on("count down", [](Socket to, int from) -> Task<> {
    for (int n = from; n > 0 && to.connected(); --n) {
      to.emit("count", n);
      co_await sleep(10ms);
    }
    to.emit("go");
  });

  io.on("gather", [&io](Socket, std::string room, Ack ack) -> Task<> {
    co_await io.sockets_join(room);  // on every worker of the process
    io.to(room).emit("welcome", room);
    ack((co_await io.to(room).fetch_sockets()).size());
  });

  return io.run();
}
