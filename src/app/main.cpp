// The program `chorus`.
#include <cstdio>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/serve.hpp"

int main(int argc, char** argv) {
  auto line = chorus::app::read_command_line(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  std::fputs(line.output.c_str(), stdout);
  std::fputs(line.error.c_str(), stderr);
  return line.config ? chorus::app::serve(std::move(*line.config)) : line.exit_code;
}
