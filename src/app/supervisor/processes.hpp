// Processes: made, told to end, and seen ending.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/supervisor/crew.hpp"

namespace chorus::app {

/// What is to be run. Every process made here is told to end (SIGTERM) when this one dies, whichever way.
struct SpawnOptions {
  std::string path;
  std::vector<std::string> arguments;  ///< the program's name among them, as the first
  /// `NAME=VALUE` to set besides the environment there is.
  std::vector<std::string> variables;
  /// A descriptor it gets under the same number; -1: none.
  int descriptor = -1;
  /// Ctrl-C and the end of a terminal are for the supervisor, which tells its processes what to do.
  enum class Kind {
    child,   ///< ignores SIGINT and SIGHUP; writes where we write
    daemon,  ///< a program that has its own idea of signals: in a group of its own, silent
  } kind = Kind::child;
};

/// Nothing: the system makes no more processes. What cannot be executed ends with code 127.
std::optional<Pid> spawn(SpawnOptions const& options);

/// SIGTERM and SIGKILL, for what was spawned here and has not been reaped.
void ask_to_end(Pid pid);
void kill_now(Pid pid);

struct Ended {
  Pid pid = 0;
  Ending ending;
};
/// The next process that has ended, if any; never waits.
std::optional<Ended> reap();

/// "SIGKILL"
std::string signal_name(int signal);

/// Where this program is, as it was called: so that what is put there later, or behind a link in the path, is what a
/// later start runs. Else where the kernel says it came from.
std::string program_path(std::string const& called_as);
/// Where the PATH has `name`; empty: nowhere.
std::string find_in_path(std::string const& name);

}  // namespace chorus::app
