// What Chorus logs, for the program's own log: one line for each event, `event key=value ...`.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace chorus {

/// How much a line matters.
enum class LogLevel { debug, info, warning, error };

/// One `key=value` of a line. What came from a peer is escaped and cut already.
struct LogField {
  /// Of a value, in bytes; what is longer is cut. A line has a dozen fields at most.
  static constexpr std::size_t value_bytes_max = 1'000;

  /// A key with its value, as text.
  LogField(std::string_view k, std::string_view v) : key(k), value(v.substr(0, value_bytes_max)) {}
  LogField(std::string_view k, char const* v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, std::string const& v) : LogField(k, std::string_view(v)) {}
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
/// Lines that matter less are not made. Default: warning. Debug lines are for looking for a fault: there is one for
/// each packet.
void set_log_level(LogLevel lowest);

/// Debug lines of some parts only, whatever set_log_level() says [debug.enable]. Names with commas between them:
///
///     engine    connections: opened, upgraded, closed, and what was refused of them
///     cluster   what goes to Redis and comes from there
///     /chat     a namespace: its packets in and out, verdicts of its middlewares, who joins and leaves, recovery
///     /room-*   all namespaces whose names begin so; /* is all namespaces
///     *         everything
///
/// They replace those of the call before; empty: none. False, and nothing has changed: a name is none of these, or has
/// more than 256 bytes, or there are more than 64. Lines have names (cut) and lengths, and nothing of what was sent; of
/// a session's id they have the first 12 characters. Where nobody asks, a line costs a load and a branch. Thread: any,
/// at any time; from now on.
bool set_debug_areas(std::string_view areas);

/// `event key=value key="value with spaces"`: the text form, for sinks.
std::string format_log_line(std::string_view event, LogFields fields);

}  // namespace chorus
