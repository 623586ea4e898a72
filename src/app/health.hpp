// GET /healthz: whether the program serves, and how much.
#pragma once
#include "chorus/server.hpp"

namespace chorus::app {

struct HealthOptions {
  bool recovery = false;  ///< what became of connection state recovery is told too
};

/// Before the server starts. Open to all: it says numbers, never names.
void add_health_route(Server& server, HealthOptions options = {});

}  // namespace chorus::app
