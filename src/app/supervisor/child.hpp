// A supervised process: serves what its orders say until its supervisor, or the supervisor's end, tells it to end.
#pragma once
#include <string>

#include "app/config.hpp"

namespace chorus::app {

/// `descriptor`: the value of CHORUS_CHILD. Answers the exit code: 0 after a drain. Throws std::runtime_error when it
/// cannot start. Thread: main.
int serve_as_child(Config config, std::string const& descriptor);

/// Threads of each process when no number was given: the cores this program may use, divided; at least one.
unsigned workers_per_process(unsigned cores, unsigned processes);

}  // namespace chorus::app
