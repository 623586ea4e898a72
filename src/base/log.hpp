// The log face of the library: one line an event, `event key=value ...`. Where lines go is the program's choice
// (chorus/log.hpp).
#pragma once
#include <string_view>

#include "base/bytes.hpp"
#include "chorus/log.hpp"

namespace chorus {

/// Bytes of a peer as a field: escaped and cut.
inline LogField peer_field(std::string_view key, Bytes bytes) { return {key, printable(bytes)}; }

bool log_enabled(LogLevel level);
void log(LogLevel level, std::string_view event, LogFields fields = {});

}  // namespace chorus
