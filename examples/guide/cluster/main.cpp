// One server of a cluster: start as many as you like, on as many machines, with the same Redis.
#include <atomic>
#include <chorus/server.hpp>
#include <cstdlib>

using namespace chorus;

ServerOptions options() {
  ServerOptions options{.port = 3000};
  // redis://[[user]:password@]host[:port][/db], rediss://... with TLS, unix:///path; none: a process alone.
  if (char const* const url = std::getenv("REDIS_URL")) options.redis.url = url;
  return options;
}

int main() {
  Server io(options());

  io.use([](Handshake const& hs) -> Admission {
    auto const name = hs.auth<std::string>("user");
    return name ? admit(UserId{*name}) : refuse("who are you?");
  });

  // Nothing here says where anybody is: rooms and users are those of the whole cluster.
  io.on("join", [](Socket const& socket, std::string room, Ack ack) {
    socket.join(room);
    ack();
  });
  io.on("say", [&io](Socket const& from, std::string room, std::string text) {
    io.to(room).emit("said", from.user().value, text);
  });
  io.on("tell", [&io](Socket const& from, std::string whom, std::string text, Ack ack) {
    io.user(UserId{whom}).emit("told", from.user().value, text);
    ack(io.of("/").devices(UserId{whom}).size());  // on all servers
  });

  // Runs once on every server, so each tells its own clients.
  io.of("/").on_presence([&io](Presence const& presence) {
    if (presence.edge) io.local().emit("presence", presence.user.value, presence.online);
  });

  // What each server keeps for itself, the others have to be told of.
  std::atomic<int> price = 100;
  io.on_server_side("price is", [&price](int newest) { price = newest; });
  io.on("set price", [&](Socket const&, int newest) {
    price = newest;
    io.server_side_emit("price is", newest);  // to all servers but this one
  });
  io.on("price?", [&price](Socket const&, Ack ack) { ack(price.load()); });

  // Another server asks.
  io.on_server_side("how many?", [&io](ServerAck ack) { ack(io.clients_count()); });

  // The Redis between them, for state of your own. Its answer comes on the thread of the bus.
  io.on("visit", [cluster = io.cluster()](Socket const&, Ack ack) {
    cluster.command({"INCR", "visits"}, [ack](RedisReply const& reply) { ack(reply.ok ? reply.values[0] : "?"); });
  });
  io.on("neighbours?", [cluster = io.cluster()](Socket const&, Ack ack) {
    ack(cluster.stats().nodes);  // other servers of Chorus
  });

  return io.run();
}
