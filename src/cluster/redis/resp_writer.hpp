// Writes commands as Redis reads them: an array of bulk strings.
#pragma once
#include <initializer_list>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace chorus::cluster::redis {

/// Appends one command. Arguments may hold any bytes.
void append_command(std::string& out, std::initializer_list<Bytes> arguments);
void append_command(std::string& out, std::span<std::string const> arguments);

/// The same in pieces, for commands whose arguments are nowhere together: the head with their number, then each.
void append_command_head(std::string& out, std::size_t arguments);
void append_argument(std::string& out, Bytes argument);

}  // namespace chorus::cluster::redis
