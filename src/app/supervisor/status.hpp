// `chorus status`: asks the supervisor of a port how its processes are.
#pragma once
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "app/supervisor/control_messages.hpp"

namespace chorus::app {

/// Prints to standard output. Answers the exit code: exit_failure with a sentence on standard error when nothing runs
/// there. Thread: main.
int show_status(StatusQuery const& query);

/// A line for the supervisor, and a table of its processes.
std::string status_table(StatusReport const& report);
/// "950ms" below a second, else "12s", "3m 5s", "2h 7m", "4d 1h".
std::string format_age(std::uint64_t ms);

}  // namespace chorus::app
