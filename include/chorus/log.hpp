// What Chorus logs, for the program's own log: one line for each event, `event key=value ...`.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace chorus {

/// How much a line matters.
enum class LogLevel { debug, info, warning, error };

/// One `key=value` of a line. What came from a peer is escaped and cut already.
struct LogField {
  /// A key with its value, as text.
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, char const* v) : key(k), value(v) {}
  LogField(std::string_view k, std::string const& v) : key(k), value(v) {}
  template <class T>
  requires std::is_arithmetic_v<T> LogField(std::string_view k, T v)
      : key(k), value(std::to_string(v)), is_number(true) {}

  std::string_view key;    ///< a view
  std::string value;       ///< as text
  bool is_number = false;  ///< it needs no quotation marks
};

/// The fields of one line, in order.
using LogFields = std::initializer_list<LogField>;
/// Called on whichever thread logs; must be thread-safe and must not throw.
using LogSink = void (*)(LogLevel, std::string_view event, LogFields fields);

/// Thread: set both before the first server starts. Default (nullptr): warnings and errors to standard error as text.
void set_log_sink(LogSink sink);
/// Lines that matter less are not made. Default: warning.
void set_log_level(LogLevel lowest);

/// `event key=value key="value with spaces"`: the text form, for sinks.
std::string format_log_line(std::string_view event, LogFields fields);

}  // namespace chorus
