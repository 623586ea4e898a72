#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({.port = 3000});

  io.on("join", [](Socket const& socket, std::string room, Ack ack) {
    socket.join(room);  // when it returns, an emit to the room from any thread reaches this socket
    socket.to(room).emit("came", socket.id());
    ack(socket.rooms());
  });

  io.on("leave", [](Socket const& socket, std::string room, Ack ack) {
    socket.leave(room);
    ack(socket.rooms());
  });

  io.on("say", [&io](Socket const& socket, std::string room, std::string text) {
    io.to(room).except("quiet").emit("said", socket.id(), text);
  });

  // An audience is a value: make it once, narrow it as often as you like.
  Audience const team = io.to("red").to("blue");
  io.on("score", [team](Socket const&, int points) { team.emit("score", points); });

  // What many answer is collected.
  io.on("poll", [&io](Socket const&, std::string room, Ack ack) {
    io.to(room).timeout(std::chrono::seconds(1)).ask("ready?", [ack](Answers const& all) {
      ack(all.complete, all.answers.size());
    });
  });

  // Rooms are left by themselves at the end; until then one can look at them.
  io.of("/").on_disconnecting([](Socket const& socket, std::string_view reason) {
    for (auto const& room : socket.rooms()) socket.to(room).emit("went", socket.id(), reason);
  });

  return io.run();
}
