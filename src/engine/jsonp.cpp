#include "engine/jsonp.hpp"

#include "base/json.hpp"

namespace chorus::engine {
namespace {

constexpr Bytes no_packets = "0:";

/// JSON allows U+2028 and U+2029 in strings; JavaScript did not before 2019. Both are e2 80 a8 or a9.
void append_as_javascript(std::string& out, Bytes json) {
  constexpr Bytes line_separators = "\xe2\x80";
  for (std::size_t pos = 0;;) {
    auto const found = json.find(line_separators, pos);
    out.append(json.substr(pos, found - pos));
    if (found == Bytes::npos) return;
    char const last = json[found + line_separators.size()];
    if (last == '\xa8' || last == '\xa9')
      out.append(last == '\xa8' ? "\\u2028" : "\\u2029");
    else
      out.append(json.substr(found, line_separators.size() + 1));
    pos = found + line_separators.size() + 1;
  }
}

}  // namespace

std::optional<std::uint32_t> jsonp_index(http::Query const& query) {
  constexpr std::uint32_t index_max = 99'999'999;
  std::string const* const text = query.find("j");
  if (text == nullptr) return std::nullopt;
  std::uint32_t index = 0;
  for (char const c : *text)
    if (c >= '0' && c <= '9' && index <= index_max) index = index * 10 + static_cast<std::uint32_t>(c - '0');
  return index;
}

std::string jsonp_answer(std::uint32_t index, Bytes body) {
  std::string json;
  json::append_string(json, body);
  std::string answer = "___eio[" + std::to_string(index) + "](";
  append_as_javascript(answer, json);
  answer += ");";
  return answer;
}

std::string jsonp_payload(Bytes form) {
  http::Query const fields(form);
  std::string const* const field = fields.find("d");
  if (field == nullptr) return std::string(no_packets);
  std::string payload;
  payload.reserve(field->size());
  for (Bytes rest = *field; !rest.empty();) {
    bool const is_escaped = rest.starts_with("\\\\n");
    if (is_escaped || rest.starts_with("\\n")) {
      payload += is_escaped ? "\\n" : "\n";
      rest.remove_prefix(is_escaped ? 3 : 2);
    } else {
      payload += rest.front();
      rest.remove_prefix(1);
    }
  }
  return payload;
}

}  // namespace chorus::engine
