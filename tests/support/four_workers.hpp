// The server of loopback tests: what lands where is the test's choice.
#pragma once
#include <chrono>

#include "chorus/server.hpp"

namespace chorus::testing {

inline ServerOptions four_workers(ServerOptions::IoUring io_uring = ServerOptions::IoUring::automatic) {
  ServerOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.workers = 4;
  options.io_uring = io_uring;
  options.test_placement = true;
  options.drain_timeout = std::chrono::seconds(2);
  return options;
}

}  // namespace chorus::testing
