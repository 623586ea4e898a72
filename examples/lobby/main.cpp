// A chat in twenty lines. Any Socket.IO client talks to it: io("http://localhost:3000", { auth: { name: "ann" } })
#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({.port = 3000});  // one worker thread per core; a client lands on any of them

  io.use([](Handshake const& hs) -> Admission {
    auto name = hs.auth<std::string>("name");
    if (!name) return refuse("name missing");  // the client sees connect_error
    return admit(UserId{*name});               // phone and computer of one user share the id
  });

  io.on_connection([](Socket const& socket) { socket.join("lobby"); });

  io.on("chat message", [&io](Socket const& from, std::string text, Ack ack) {
    io.to("lobby").emit("chat message", from.user().value, text);
    ack("delivered");
  });

  io.on("whisper", [&io](Socket const& from, std::string whom, std::string text) {
    io.user(UserId{whom}).emit("whisper", from.user().value, text);  // all of that user's devices
  });

  return io.run();  // SIGTERM drains: clients come back by themselves
}
