#include "app/supervisor/status.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

#include "app/serve.hpp"
#include "app/supervisor/control_socket.hpp"
#include "app/supervisor/runtime_folder.hpp"

namespace chorus::app {
namespace {

/// More than a supervisor waits for its processes' numbers.
constexpr Duration answer_limit = std::chrono::seconds(5);

std::string count(std::optional<std::uint64_t> const& number) { return number ? std::to_string(*number) : "-"; }

using Row = std::vector<std::string>;

Row row_of(ProcessStatus const& process) {
  return {std::to_string(process.slot),
          process.pid ? std::to_string(*process.pid) : "-",
          process.state,
          process.age_ms ? format_age(*process.age_ms) : "-",
          std::to_string(process.restarts),
          count(process.connections),
          count(process.sessions),
          count(process.users)};
}

/// Columns as wide as their widest text, two spaces between them.
std::string aligned(std::vector<Row> const& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (auto const& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (auto const& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) text.append(row[i]).append(widths[i] + 2 - row[i].size(), ' ');
    text += row.back() + '\n';
  }
  return text;
}

int fail(StatusQuery const& query, std::string const& why) {
  std::fprintf(stderr, "chorus: port %u: %s\n", query.port, why.c_str());
  return exit_failure;
}

}  // namespace

std::string format_age(std::uint64_t ms) {
  auto const s = ms / 1000, m = s / 60, h = m / 60, d = h / 24;
  if (s == 0) return std::to_string(ms) + "ms";
  if (m == 0) return std::to_string(s) + "s";
  if (h == 0) return std::to_string(m) + "m " + std::to_string(s % 60) + "s";
  if (d == 0) return std::to_string(h) + "h " + std::to_string(m % 60) + "m";
  return std::to_string(d) + "d " + std::to_string(h % 24) + "h";
}

std::string status_table(StatusReport const& report) {
  std::vector<Row> rows{{"SLOT", "PID", "STATE", "AGE", "RESTARTS", "CONNECTIONS", "SESSIONS", "USERS"}};
  for (auto const& process : report.processes) rows.push_back(row_of(process));
  return "Supervisor: pid " + std::to_string(report.pid) + ", chorus " + report.version + ", port " +
         std::to_string(report.port) + " on " + report.host + ", Redis: " + report.redis + "\n" + aligned(rows);
}

int show_status(StatusQuery const& query) {
  auto const folder = runtime_folder_path();
  std::optional<Channel> channel;
  if (is_trusted_folder(folder)) channel = connect_to_control(control_socket_path(folder, query.port));
  if (!channel) return fail(query, "no instance of yours runs here, or it was started with --no-supervisor.");
  channel->send(encode(ControlRequest{ControlRequest::What::status}));
  if (!channel->wait_for_message(answer_limit)) return fail(query, "its supervisor does not answer.");
  auto const received = channel->receive();
  auto const answer = decode_status(received.text);
  if (auto const* refusal = std::get_if<ControlError>(&answer))
    return fail(query, "its supervisor says: " + refusal->error + ".");
  auto const& report = std::get<StatusReport>(answer);
  std::fputs((query.json ? encode(report) + "\n" : status_table(report)).c_str(), stdout);
  return exit_ok;
}

}  // namespace chorus::app
