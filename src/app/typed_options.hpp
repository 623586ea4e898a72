// What was typed, and what becomes of it: the part of reading a command line that needs no parser.
#pragma once
#include <string>
#include <vector>

#include "app/config.hpp"

namespace chorus::app {

/// A sentence for whoever typed it.
struct UsageError {
  std::string sentence;
};

/// `--some-name` -> `CHORUS_SOME_NAME`
std::string variable_of(std::string const& option);

/// Throws the UsageError of a value that an option does not take.
[[noreturn]] void refuse_value(std::string const& option, std::string const& value, std::string const& allowed);

/// Options that a Config has in another form, or not at all.
struct Typed {
  std::string key_file;
  std::string passphrase_file;
  std::string admin_hash_file;
  std::vector<std::string> further;
  std::string jwks_file;
  JwtVerifier::Wanted wanted;
  std::vector<std::string> log_debug;
  bool no_supervisor = false;
  bool recovery_recheck = false;
};

/// Reads the files that were named, keeps what was typed in its place in `config`, and holds the options against each
/// other. Throws UsageError.
void complete(Config& config, Typed const& typed);

}  // namespace chorus::app
