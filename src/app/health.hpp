// GET /healthz: whether the program serves, and how much.
#pragma once
#include "chorus/server.hpp"

namespace chorus::app {

/// Before the server starts. Open to all: it says numbers, never names.
void add_health_route(Server& server);

}  // namespace chorus::app
