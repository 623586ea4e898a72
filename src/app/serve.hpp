// `chorus serve`: from a configuration to a server that runs until it is told to end.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/chat.hpp"
#include "app/config.hpp"

namespace chorus::app {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;

/// Serves until SIGTERM or SIGINT, then drains: under a supervisor, as one of its processes, or alone. `arguments`: all
/// of the program's, its name first, since its processes get the same. Answers the exit code: exit_failure when it
/// could not start, with the reason on standard error. Thread: main.
int serve(Config config, std::vector<std::string> const& arguments);

/// The server with everything the program puts into it; not started yet.
struct ServedChat {
  explicit ServedChat(Config const& config);

  Server server;
  Chat chat;
};

/// What a start notice says beyond the configuration.
struct Serving {
  std::uint16_t port = 0;
  unsigned processes = 1;
  unsigned workers = 0;  ///< of each process
  bool io_uring = false;
  std::size_t descriptors = 0;
};
/// To standard output.
void print_start_notice(Config const& config, Serving const& serving);

/// The folder of the chat page when none was named: `web` here, or what was installed beside the program. Empty: none.
std::string find_web_root();

}  // namespace chorus::app
