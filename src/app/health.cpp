#include "app/health.hpp"

namespace chorus::app {
namespace {

std::string to_json(ServerStats const& stats, unsigned workers) {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    object.member("status", "ok")
        .member("workers", workers)
        .member("connections", stats.connections)
        .member("sessions", stats.sessions)
        .member("users", stats.users)
        .member("io_uring", stats.io_uring);
    if (auto const& redis = stats.redis; redis.configured)
      ObjectWriter(object.next("redis"))
          .member("state", redis.up ? "up" : "down")
          .member("nodes", redis.nodes)
          .member("published", redis.published)
          .member("confirmed", redis.confirmed)
          .member("spooledSent", redis.spooled_sent)
          .member("dropped", redis.dropped)
          .member("unknown", redis.unknown)
          .member("waiting", redis.waiting)
          .member("malformed", redis.malformed);
  }
  return std::move(out).text();
}

}  // namespace

void add_health_route(Server& server) {
  server.route("GET", "/healthz", [&server](HttpRequest const&) {
    return HttpReply{
        200, "application/json", to_json(server.stats(), server.workers()), {{"Cache-Control", "no-store"}}};
  });
}

}  // namespace chorus::app
