#include "app/jwk_set.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace chorus::app {

Result<JwkSet, std::string> JwkSet::parse(std::string_view text) {
  if (text.size() > text_bytes_max) return std::string("it is above 256 KiB");
  auto const begin = json::skip_space(text, 0);
  auto const end = is_utf8(text) ? json::scan_value(text, begin) : std::nullopt;
  if (!end || json::skip_space(text, *end) != text.size()) return std::string("it is no JSON");
  auto const list = ArgView(text.substr(begin, *end - begin))["keys"];
  if (list.kind() != ArgKind::array) return std::string("it has no list of keys (\"keys\")");

  JwkSet set;
  std::string last_fault = "it is empty";
  for (ArrayCursor cursor(list); auto const element = cursor.next();) {
    auto key = JwtKey::from_jwk(*element);
    if (!key) {
      last_fault = "of its last one: " + key.error();
      continue;
    }
    if (set.keys_.size() == keys_max) return std::string("it has more than 100 keys");
    set.keys_.push_back(std::move(*key));
  }
  if (set.keys_.empty()) return "it has no key that can check tokens; " + last_fault;
  return set;
}

JwtKey const* JwkSet::find(JwtAlgorithm algorithm, std::string_view id) const {
  JwtKey const* found = nullptr;
  for (auto const& key : keys_) {
    if (key.algorithm() != algorithm || (!id.empty() && key.id() != id)) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

}  // namespace chorus::app
