#include <chorus/server.hpp>

using namespace chorus;

struct Profile {
  std::string name;
};

int main() {
  Server io({.port = 3000});

  // Who somebody is, is decided before they are in. Look the token up in your own way.
  io.use([](Handshake const& hs) -> Admission {
    auto const token = hs.auth<std::string>("token");
    if (!token || !token->starts_with("token-of-")) return refuse("who are you?");
    auto const name = token->substr(9);
    return admit(UserId{name}, Profile{name});
  });

  // All devices of a person, on whichever thread, process or machine each of them is.
  io.on("tell", [&io](Socket const& socket, std::string whom, std::string text, Ack ack) {
    io.user(UserId{whom}).emit("told", socket.data<Profile>().name, text);
    ack(io.of("/").devices(UserId{whom}).size());
  });

  // Their own other devices: what was read on the phone is read on the computer.
  io.on("read", [](Socket const& socket, int message) { socket.to(socket.user()).emit("read", message); });

  // The first device came, or the last one went. Every process of a cluster is told, so each tells its own clients.
  io.of("/").on_presence([&io](Presence const& presence) {
    if (presence.edge) io.local().emit("presence", presence.user.value, presence.online);
  });

  return io.run();
}
