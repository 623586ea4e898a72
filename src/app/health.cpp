#include "app/health.hpp"

namespace chorus::app {
namespace {

std::string to_json(ServerStats const& stats, unsigned workers, HealthOptions options) {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    object.member("status", "ok")
        .member("workers", workers)
        .member("connections", stats.connections)
        .member("sessions", stats.sessions)
        .member("users", stats.users)
        .member("io_uring", stats.io_uring);
    if (auto const& recovery = stats.recovery; options.recovery)
      ObjectWriter(object.next("recovery"))
          .member("sessionsKept", recovery.sessions_kept)
          .member("packetsKept", recovery.packets_kept)
          .member("bytesKept", recovery.bytes_kept)
          .member("recovered", recovery.recovered)
          .member("unknownSession", recovery.unknown_session)
          .member("unknownOffset", recovery.unknown_offset)
          .member("tooMuchMissed", recovery.too_much_missed)
          .member("sessionsExpired", recovery.sessions_expired)
          .member("sessionsCrowdedOut", recovery.sessions_crowded_out);
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

void add_health_route(Server& server, HealthOptions options) {
  server.route("GET", "/healthz", [&server, options](HttpRequest const&) {
    return HttpReply{
        200, "application/json", to_json(server.stats(), server.workers(), options), {{"Cache-Control", "no-store"}}};
  });
}

}  // namespace chorus::app
