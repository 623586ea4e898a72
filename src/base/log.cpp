#include "base/log.hpp"

#include <atomic>
#include <cstdio>

#include "base/debug_areas.hpp"

namespace chorus {
namespace {

void to_stderr(LogLevel level, std::string_view event, LogFields fields) {
  static constexpr char const* names[] = {"debug", "info", "warning", "error"};
  auto const line = format_log_line(event, fields);
  std::fprintf(stderr, "chorus %s: %s\n", names[static_cast<int>(level)], line.c_str());
}

std::atomic<LogSink> sink{&to_stderr};
std::atomic<LogLevel> lowest_level{LogLevel::warning};

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\t\n") != std::string_view::npos;
}

}  // namespace

void set_log_sink(LogSink s) { sink = s == nullptr ? &to_stderr : s; }
void set_log_level(LogLevel lowest) {
  lowest_level = lowest;
  set_debug_all(lowest == LogLevel::debug ? DebugAll::yes : DebugAll::no);
}
bool log_enabled(LogLevel level) { return level >= lowest_level.load(std::memory_order_relaxed); }

void log(LogLevel level, std::string_view event, LogFields fields) {
  if (log_enabled(level)) sink.load(std::memory_order_relaxed)(level, event, fields);
}

void log_debug(std::string_view event, LogFields fields) {
  sink.load(std::memory_order_relaxed)(LogLevel::debug, event, fields);
}

std::string format_log_line(std::string_view event, LogFields fields) {
  std::string line(event);
  for (auto const& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    if (!needs_quotes(field.value)) {
      line += field.value;
      continue;
    }
    line += '"';
    for (char c : field.value) {
      if (c == '"') line += '\\';
      line += c == '\n' ? ' ' : c;
    }
    line += '"';
  }
  return line;
}

}  // namespace chorus
