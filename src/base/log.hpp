// The log face of the library: one line an event, `event key=value ...`. Where lines go is the program's choice.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.hpp"

namespace chorus {

enum class LogLevel { debug, info, warning, error };

/// One `key=value` of a line. Text is copied; a peer's bytes go through printable() by the caller's choice of `peer`.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, char const* v) : key(k), value(v) {}
  LogField(std::string_view k, std::string const& v) : key(k), value(v) {}
  template <class T>
  requires std::is_arithmetic_v<T> LogField(std::string_view k, T v)
      : key(k), value(std::to_string(v)), is_number(true) {}

  std::string_view key;
  std::string value;
  bool is_number = false;
};

/// Bytes of a peer as a field: escaped and cut.
inline LogField peer_field(std::string_view key, Bytes bytes) { return {key, printable(bytes)}; }

using LogFields = std::initializer_list<LogField>;
/// Called on whichever thread logs; must be thread-safe and must not throw.
using LogSink = void (*)(LogLevel, std::string_view event, LogFields fields);

/// Thread: set both before the first worker starts. Default: warnings and errors to stderr as text.
void set_log_sink(LogSink sink);
void set_log_level(LogLevel lowest);

bool log_enabled(LogLevel level);
void log(LogLevel level, std::string_view event, LogFields fields = {});

/// `event key=value key="value with spaces"`: the text form, for sinks.
std::string format_log_line(std::string_view event, LogFields fields);

}  // namespace chorus
