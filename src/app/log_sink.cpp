// spdlog's one home.
#include "app/log_sink.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>
#include <cstdlib>
#include <memory>

#include "chorus/args.hpp"

namespace chorus::app {
namespace {

/// Set before the first worker starts, and kept to the end of the process: the last lines come late.
spdlog::logger* logger = nullptr;
LogFormat line_format = LogFormat::text;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

void write_line(LogLevel level, std::string_view event, LogFields fields) {
  auto const line = line_format == LogFormat::json ? json_members(event, fields) : format_log_line(event, fields);
  logger->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

/// A number as JSON has them; "inf" and "nan" are none.
bool is_json_number(LogField const& field) {
  return field.is_number && std::isfinite(std::strtod(field.value.c_str(), nullptr));
}

}  // namespace

void start_logging(LogLevel lowest, LogFormat format) {
  line_format = format;
  static spdlog::logger stderr_logger("chorus", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  stderr_logger.set_level(spdlog::level::debug);  // what is below the lowest does not come here
  char const* const pattern =
      format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
  stderr_logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  logger = &stderr_logger;
  set_log_level(lowest);
  set_log_sink(&write_line);
}

std::string json_members(std::string_view event, LogFields fields) {
  ArgsWriter writer;
  {
    ObjectWriter object(writer);
    object.member("event", event);
    for (auto const& field : fields) {
      if (is_json_number(field))
        object.next(field.key).raw_json(field.value);
      else
        object.member(field.key, field.value);
    }
  }
  auto text = std::move(writer).text();
  return text.substr(1, text.size() - 2);  // without the braces
}

}  // namespace chorus::app
