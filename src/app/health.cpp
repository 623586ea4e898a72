#include "app/health.hpp"

namespace chorus::app {

void add_health_route(Server& server) {
  server.route("GET", "/healthz", [&server](HttpRequest const&) {
    auto const stats = server.stats();
    ArgsWriter out;
    ObjectWriter(out)
        .member("status", "ok")
        .member("workers", server.workers())
        .member("connections", stats.connections)
        .member("sessions", stats.sessions)
        .member("users", stats.users)
        .member("io_uring", stats.io_uring);
    return HttpReply{200, "application/json", std::move(out).text(), {{"Cache-Control", "no-store"}}};
  });
}

}  // namespace chorus::app
