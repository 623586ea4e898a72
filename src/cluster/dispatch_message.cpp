#include "cluster/dispatch_message.hpp"

#include <utility>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace chorus::cluster {

std::string encode_dispatch(socket::Dispatch const& dispatch, Bytes node, std::uint64_t number) {
  std::string text = R"({"event":)";
  json::append_string(text, dispatch.event);
  json::append_string(text += R"(,"id":)", dispatch.user.value);
  if (!dispatch.args_json.empty()) text.append(R"(,"args":)").append(dispatch.args_json);
  json::append_number(text.append(R"(,"from":")").append(node) += ':', number);
  return text += R"("})";
}

void append_envelope(std::string& out, DispatchMessage const& message) {
  out.append(R"({"event":)").append(message.event_json).append(R"(,"id":)").append(message.id_json);
  if (!message.args_json.empty()) out.append(R"(,"args":)").append(message.args_json);
  out += '}';
}

bool is_from(Bytes text, Bytes node) {
  constexpr Bytes member = R"(,"from":")", end = R"("})";
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  auto const colon = text.rfind(':');  // no string ends between it and the end: a number has no quotes
  if (colon == Bytes::npos || text.find_first_not_of("0123456789", colon + 1) != Bytes::npos) return false;
  text = text.substr(0, colon);
  if (!text.ends_with(node)) return false;
  text.remove_suffix(node.size());
  return text.ends_with(member);
}

std::optional<DispatchMessage> decode_dispatch(Bytes text) {
  if (!is_utf8(text) || !json::is_valid(text)) return std::nullopt;
  DispatchMessage out;
  auto const begin = json::skip_space(text, 0);
  json::ObjectReader members(text.substr(begin, json::skip_value(text, begin) - begin));
  while (auto const member = members.next()) {  // of repeated ones the last counts, as JSON.parse has it
    if (json::string_equals(member->key, "event"))
      out.event_json = member->value;
    else if (json::string_equals(member->key, "id"))
      out.id_json = member->value;
    else if (json::string_equals(member->key, "args"))
      out.args_json = member->value;
    else if (json::string_equals(member->key, "from"))
      out.node = json::plain_string(member->value).value_or(Bytes());
  }
  out.node = out.node.substr(0, out.node.rfind(':'));
  bool const is_number = json::kind(out.id_json) == json::Kind::number;
  auto user = is_number ? std::optional(std::string(out.id_json)) : json::to_string(out.id_json);
  if (!user || json::kind(out.event_json) != json::Kind::string) return std::nullopt;
  out.user = *std::move(user);
  return out;
}

}  // namespace chorus::cluster
