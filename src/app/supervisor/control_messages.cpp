#include "app/supervisor/control_messages.hpp"

#include <utility>

#include "app/supervisor/child_orders.hpp"
#include "app/supervisor/message_text.hpp"

namespace chorus::app {
namespace {

/// What every message that has kinds begins with.
struct Said {
  std::string say;
};
struct Asked {
  unsigned version = 0;
  std::string ask;
};

constexpr std::pair<ChildOrder, std::string_view> child_orders[] = {
    {ChildOrder::relieve, "relieve"},
    {ChildOrder::stats, "stats"},
};
constexpr std::string_view node_died_word = "nodeDied";
constexpr std::pair<ControlRequest::What, std::string_view> requests[] = {
    {ControlRequest::What::status, "status"},
    {ControlRequest::What::take_over, "takeOver"},
    {ControlRequest::What::retire, "retire"},
};

template <class Table, class Key>
std::string word_of(Table const& table, Key key) {
  for (auto const& [each, word] : table)
    if (each == key) return std::string(word);
  return {};
}

template <class Table>
auto meaning_of(Table const& table, std::string_view word) -> std::optional<decltype(table[0].first)> {
  for (auto const& [each, text] : table)
    if (text == word) return each;
  return std::nullopt;
}

}  // namespace
}  // namespace chorus::app

// clang-format off
template <> inline constexpr auto chorus::fields<chorus::app::Said> = std::tuple{
    chorus::field("say", &chorus::app::Said::say)};
template <> inline constexpr auto chorus::fields<chorus::app::Asked> = std::tuple{
    chorus::field("version", &chorus::app::Asked::version), chorus::field("ask", &chorus::app::Asked::ask)};
template <> inline constexpr auto chorus::fields<chorus::app::ReadyMessage> = std::tuple{
    chorus::field("workers", &chorus::app::ReadyMessage::workers),
    chorus::field("ioUring", &chorus::app::ReadyMessage::io_uring),
    chorus::field("descriptors", &chorus::app::ReadyMessage::descriptors),
    chorus::field("node", &chorus::app::ReadyMessage::node)};
template <> inline constexpr auto chorus::fields<chorus::app::NodeDiedMessage> = std::tuple{
    chorus::field("node", &chorus::app::NodeDiedMessage::node)};
template <> inline constexpr auto chorus::fields<chorus::app::StatsMessage> = std::tuple{
    chorus::field("connections", &chorus::app::StatsMessage::connections),
    chorus::field("sessions", &chorus::app::StatsMessage::sessions),
    chorus::field("users", &chorus::app::StatsMessage::users)};
template <> inline constexpr auto chorus::fields<chorus::app::ProcessStatus> = std::tuple{
    chorus::field("slot", &chorus::app::ProcessStatus::slot),
    chorus::field("pid", &chorus::app::ProcessStatus::pid),
    chorus::field("state", &chorus::app::ProcessStatus::state),
    chorus::field("ageMs", &chorus::app::ProcessStatus::age_ms),
    chorus::field("restarts", &chorus::app::ProcessStatus::restarts),
    chorus::field("connections", &chorus::app::ProcessStatus::connections),
    chorus::field("sessions", &chorus::app::ProcessStatus::sessions),
    chorus::field("users", &chorus::app::ProcessStatus::users)};
template <> inline constexpr auto chorus::fields<chorus::app::StatusReport> = std::tuple{
    chorus::field("pid", &chorus::app::StatusReport::pid),
    chorus::field("version", &chorus::app::StatusReport::version),
    chorus::field("host", &chorus::app::StatusReport::host),
    chorus::field("port", &chorus::app::StatusReport::port),
    chorus::field("redis", &chorus::app::StatusReport::redis),
    chorus::field("processes", &chorus::app::StatusReport::processes)};
template <> inline constexpr auto chorus::fields<chorus::app::HandOver> = std::tuple{
    chorus::field("host", &chorus::app::HandOver::host),
    chorus::field("sessionKey", &chorus::app::HandOver::session_key),
    chorus::field("incarnations", &chorus::app::HandOver::incarnations)};
template <> inline constexpr auto chorus::fields<chorus::app::ControlError> = std::tuple{
    chorus::field("error", &chorus::app::ControlError::error)};
// clang-format on

namespace chorus::app {
namespace {

/// The answer, the refusal instead of it, or a refusal in our own words.
template <class Answer>
std::variant<Answer, ControlError> answer_in(std::string_view text) {
  if (auto refusal = from_message<ControlError>(text)) return std::move(*refusal);
  if (auto answer = from_message<Answer>(text)) return std::move(*answer);
  return ControlError{"its answer is not understood; is it of another version?"};
}

/// `{"say":WORD,` and the members of `object`.
template <class T>
std::string say(std::string_view word, T const& object) {
  return R"({"say":")" + std::string(word) + R"(",)" + to_message(object).substr(1);
}

}  // namespace

std::string encode(ChildMessage const& message) {
  if (auto const* ready = std::get_if<ReadyMessage>(&message)) return say("ready", *ready);
  return say("stats", std::get<StatsMessage>(message));
}

std::optional<ChildMessage> decode_child_message(std::string_view text) {
  auto const said = from_message<Said>(text);
  if (said && said->say == "ready")
    if (auto const ready = from_message<ReadyMessage>(text)) return *ready;
  if (said && said->say == "stats")
    if (auto const stats = from_message<StatsMessage>(text)) return *stats;
  return std::nullopt;
}

std::string encode(SupervisorMessage const& message) {
  if (auto const* died = std::get_if<NodeDiedMessage>(&message)) return say(node_died_word, *died);
  return to_message(Said{word_of(child_orders, std::get<ChildOrder>(message))});
}

std::optional<SupervisorMessage> decode_supervisor_message(std::string_view text) {
  auto const said = from_message<Said>(text);
  if (!said) return std::nullopt;
  if (said->say == node_died_word) return from_message<NodeDiedMessage>(text);
  return meaning_of(child_orders, said->say);
}

std::string encode(ControlRequest request) {
  return to_message(Asked{request.version, word_of(requests, request.what)});
}

std::optional<ControlRequest> decode_control_request(std::string_view text) {
  auto const asked = from_message<Asked>(text);
  if (!asked) return std::nullopt;
  // Of another version, what it asks for does not matter.
  if (asked->version != control_version) return ControlRequest{ControlRequest::What::status, asked->version};
  auto const what = meaning_of(requests, asked->ask);
  if (!what) return std::nullopt;
  return ControlRequest{*what, asked->version};
}

std::string encode(StatusReport const& report) { return to_message(report); }
std::string encode(ControlError const& error) { return to_message(error); }

std::string encode(HandOver const& hand_over) {
  auto wire = hand_over;
  wire.session_key = to_text_bytes(hand_over.session_key);
  return to_message(wire);
}

std::variant<StatusReport, ControlError> decode_status(std::string_view text) { return answer_in<StatusReport>(text); }

std::variant<HandOver, ControlError> decode_hand_over(std::string_view text) {
  auto answer = answer_in<HandOver>(text);
  auto* const hand_over = std::get_if<HandOver>(&answer);
  if (hand_over == nullptr) return answer;
  auto key = from_text_bytes(hand_over->session_key);
  if (!key || key->size() != session_key_size) return ControlError{"it hands over no session key"};
  hand_over->session_key = std::move(*key);
  return answer;
}

std::string without_credentials(std::string_view url) {
  auto const scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::string(url);
  auto const host = scheme_end + 3;
  auto const at = url.substr(0, url.find('/', host)).rfind('@');
  if (at == std::string_view::npos || at < host) return std::string(url);
  return std::string(url.substr(0, host)).append(url.substr(at + 1));
}

}  // namespace chorus::app
