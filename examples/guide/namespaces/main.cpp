#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({.port = 3000});

  // A part of the program with middlewares, handlers and rooms of its own, on the same connection.
  Namespace admin = io.of("/admin");
  admin.use([](Handshake const& hs) -> Admission {
    if (hs.auth<std::string>("password") == "secret") return admit();
    return refuse("not authorized", std::string("ask your boss"));
  });
  admin.on("shout", [&io](Socket const&, std::string text) { io.emit("attention", text); });

  // Middlewares run in their order; a verdict may come later and from any thread.
  io.use([](Socket const& socket, Verdict verdict) {
    if (socket.handshake().query("banned")) return verdict(refuse("banned"));
    verdict(admit());
  });

  // Names that come up while it runs: a namespace for each document.
  Namespace documents = io.of_pattern("^/doc-[0-9]+$");
  documents.on_connection([](Socket const& socket) { socket.emit("document", socket.nsp().substr(5)); });
  documents.on("edit", [](Socket const& socket, std::string text) { socket.broadcast().emit("edited", text); });

  return io.run();
}
