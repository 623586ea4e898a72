// `chorus serve`, as it runs unless told otherwise: one process that serves nothing itself and looks after those that
// do.
#pragma once
#include <string>
#include <vector>

#include "app/config.hpp"

namespace chorus::app {

/// Opens the listening address (or takes it over), starts the processes and replaces what crashes, until all have
/// ended. docs/operating.md says what it does at which signal. `arguments`: what its processes are started with.
/// Answers the exit code: 0 after a clean end. Throws std::runtime_error when it cannot start. Thread: main; it makes
/// no other, and waits for nothing but its next event.
int supervise(Config const& config, std::vector<std::string> const& arguments);

}  // namespace chorus::app
