// The log's lines, for tests that look at them.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "base/log.hpp"

namespace chorus::testing {

/// All that is logged while it lives, as text. One at a time.
class LogLines {
 public:
  LogLines() : LogLines(LogLevel::debug, {}) {}
  /// Debug lines of these areas only.
  explicit LogLines(std::string_view areas) : LogLines(LogLevel::warning, areas) {}
  ~LogLines() {
    set_log_sink(nullptr);
    set_log_level(LogLevel::warning);
    set_debug_areas({});
  }
  LogLines(LogLines const&) = delete;
  LogLines& operator=(LogLines const&) = delete;

  std::vector<std::string> all() const {
    return lines().with([](auto const& l) { return l; });
  }
  std::vector<std::string> take() {
    return lines().with([](auto& l) { return std::exchange(l, {}); });
  }

 private:
  LogLines(LogLevel level, std::string_view areas) {
    lines().with([](auto& l) { l.clear(); });
    set_log_level(level);
    set_debug_areas(areas);
    set_log_sink([](LogLevel, std::string_view event, LogFields fields) {
      lines().with([&](auto& l) { l.push_back(format_log_line(event, fields)); });
    });
  }
  static Guarded<std::vector<std::string>>& lines() {
    static Guarded<std::vector<std::string>> all_lines;
    return all_lines;
  }
};

}  // namespace chorus::testing
