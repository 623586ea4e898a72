#include "app/log_sink.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "base/json.hpp"

namespace chorus::app {
namespace {

using testing::ContainsRegex;

TEST(LogSink, writes_fields_as_json) {
  EXPECT_EQ(json_members("session_opened", {{"worker", 3}, {"sid", "a\"b"}, {"ratio", 0.5}}),
            R"("event":"session_opened","worker":3,"sid":"a\"b","ratio":0.500000)");
  EXPECT_EQ(json_members("odd", {{"x", std::numeric_limits<double>::infinity()}}), R"("event":"odd","x":"inf")");
}

TEST(LogSink, writes_lines_for_people_and_for_programs) {
  testing::internal::CaptureStderr();
  start_logging(LogLevel::info, LogFormat::text);
  log(LogLevel::debug, "hidden");
  log(LogLevel::warning, "seen", {{"why", "so so"}});
  start_logging(LogLevel::debug, LogFormat::json);
  log(LogLevel::error, "seen", {{"n", 1}});
  auto const written = testing::internal::GetCapturedStderr();
  set_log_sink(nullptr);
  set_log_level(LogLevel::warning);

  auto const end = written.find('\n');
  EXPECT_THAT(written.substr(0, end), ContainsRegex("^[0-9-]+T[0-9:.]+Z warning seen why=\"so so\"$"));
  auto const json = written.substr(end + 1);
  EXPECT_TRUE(json::is_valid(json)) << json;
  EXPECT_THAT(json, ContainsRegex("\"level\":\"error\",\"event\":\"seen\",\"n\":1"));
}

}  // namespace
}  // namespace chorus::app
