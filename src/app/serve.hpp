// `chorus serve`: from a configuration to a server that runs until it is told to end.
#pragma once
#include <string>

#include "app/config.hpp"

namespace chorus::app {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;

/// Serves until SIGTERM or SIGINT, then drains. Answers the exit code: exit_failure when it could not start, with the
/// reason on standard error. Thread: main.
int serve(Config config);

/// The folder of the chat page when none was named: `web` here, or what was installed beside the program. Empty: none.
std::string find_web_root();

}  // namespace chorus::app
