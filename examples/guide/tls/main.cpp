#include <chorus/coroutine.hpp>
#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({.port = 3000, .tls = {.certificate = {.chain_file = "chain.pem", .key_file = "key.pem"}}});

  io.on("echo", [](Socket const&, ArgView x, Ack ack) { ack(x); });

  // The files hold new certificates: connections that come from now on get these, the others stay.
  auto const renew = [&io] { io.reload_tls(); };
  io.on("renew", [renew](Socket, Ack ack) -> Task<> {
    co_await offload(renew);  // it reads files, so it is no work for a worker
    ack("renewed");
  });

  return io.run();
}
