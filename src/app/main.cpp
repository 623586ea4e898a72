// The program `chorus`.
#include <cstdio>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/serve.hpp"
#include "app/supervisor/status.hpp"

int main(int argc, char** argv) {
  std::vector<std::string> const arguments(argv, argv + argc);
  auto line = chorus::app::read_command_line({arguments.begin() + (argc > 0 ? 1 : 0), arguments.end()});
  std::fputs(line.output.c_str(), stdout);
  std::fputs(line.error.c_str(), stderr);
  if (line.status) return chorus::app::show_status(*line.status);
  return line.config ? chorus::app::serve(std::move(*line.config), arguments) : line.exit_code;
}
