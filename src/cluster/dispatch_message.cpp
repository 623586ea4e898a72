#include "cluster/dispatch_message.hpp"

#include <utility>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "chorus/args.hpp"

namespace chorus::cluster {

std::string encode_dispatch(socket::Dispatch const& dispatch, Bytes node, std::uint64_t number) {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    object.member("event", dispatch.event).member("id", dispatch.user.value);
    if (!dispatch.args_json.empty()) object.member("args", RawJson{dispatch.args_json});
    object.member("from", std::string(node) + ':' + std::to_string(number));
  }
  return std::move(out).text();
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
  auto const begin = json::skip_space(text, 0);
  ArgView const message(text.substr(begin, json::skip_value(text, begin) - begin));
  auto event = message["event"].as<std::string>();
  auto const id = message["id"];
  if (!event || (id.kind() != ArgKind::string && id.kind() != ArgKind::number)) return std::nullopt;
  DispatchMessage out;
  out.user = id.as<std::string>().value_or(std::string(id.raw()));
  out.id_json = id.raw();
  out.event = std::move(*event);
  out.args_json = message["args"].raw();
  auto const from = message["from"].as<std::string>().value_or("");
  out.node = from.substr(0, from.rfind(':'));
  return out;
}

}  // namespace chorus::cluster
