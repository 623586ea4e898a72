// The command line and the environment, read into a Config.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"

namespace chorus::app {

/// What is to be done: serve with `config`, show a `status`, or print `output` (help, version) or `error` and end with
/// `exit_code`.
struct CommandLine {
  std::optional<Config> config;
  std::optional<StatusQuery> status;
  int exit_code = 0;
  std::string output;
  std::string error;
};

inline constexpr int exit_usage = 2;

/// `arguments` without the program's name. Every option `--some-name` can be set by the variable CHORUS_SOME_NAME too;
/// the command line wins. A wrong value ends in exit_usage and a sentence with the option, the value and what is
/// allowed. Reads the key file and asks for nothing else outside.
CommandLine read_command_line(std::vector<std::string> arguments);

}  // namespace chorus::app
