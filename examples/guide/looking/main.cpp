#include <chorus/admin.hpp>
#include <chorus/server.hpp>

using namespace chorus;

int main() {
  // The hosted UI is a page of another origin, and sends credentials.
  Server io({.port = 3000, .cors = {.origins = {"https://admin.socket.io"}, .credentials = true}});

  // Who signs in at the namespace /admin sees the server, and may act on it.
  instrument(io, {.auth = BasicAuth{.username = "admin",
                                    // of "changeit": htpasswd -nBC 10 admin | cut -d: -f2
                                    .password = "$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS"}});

  io.on("join", [](Socket const& socket, std::string room) { socket.join(room); });
  return io.run();
}
