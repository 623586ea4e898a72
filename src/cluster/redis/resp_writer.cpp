#include "cluster/redis/resp_writer.hpp"

#include <charconv>

namespace chorus::cluster::redis {
namespace {

void append_length(std::string& out, char type, std::size_t length) {
  char line[24];
  line[0] = type;
  char* const end = std::to_chars(line + 1, line + sizeof line - 2, length).ptr;
  end[0] = '\r';
  end[1] = '\n';
  out.append(line, end + 2);
}

}  // namespace

void append_command_head(std::string& out, std::size_t arguments) { append_length(out, '*', arguments); }

void append_argument(std::string& out, Bytes argument) {
  append_length(out, '$', argument.size());
  out.append(argument).append("\r\n");
}

void append_command(std::string& out, std::initializer_list<Bytes> arguments) {
  append_command_head(out, arguments.size());
  for (Bytes const argument : arguments) append_argument(out, argument);
}

void append_command(std::string& out, std::span<std::string const> arguments) {
  append_command_head(out, arguments.size());
  for (std::string const& argument : arguments) append_argument(out, argument);
}

}  // namespace chorus::cluster::redis
