// Where the program's log lines go: standard error, as text or as JSON.
#pragma once
#include <string>

#include "app/config.hpp"
#include "base/log.hpp"

namespace chorus::app {

/// From here on log lines go to standard error in this format. Thread: call it once, before any other starts; lines
/// then come from all of them.
void start_logging(LogLevel lowest, LogFormat format);

/// `"event":"session_opened","worker":3,"sid":"..."`: what is inside a JSON line's braces, after time and level.
std::string json_members(std::string_view event, LogFields fields);

}  // namespace chorus::app
