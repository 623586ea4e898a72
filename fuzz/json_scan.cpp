// The JSON scanner and readers against another parser: both accept or both refuse, and they read the same values.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace {

using chorus::Bytes;
namespace json = chorus::json;
using Tree = nlohmann::json;

/// What the readers take from the text is what the tree holds.
void compare(Bytes raw, Tree const& tree) {
  switch (json::kind(raw)) {
    case json::Kind::null:
      CHORUS_CHECK(tree.is_null() && json::is_null(raw), "null");
      return;
    case json::Kind::boolean:
      CHORUS_CHECK(json::to_bool(raw) == tree.get<bool>(), "the same boolean");
      return;
    case json::Kind::string:
      CHORUS_CHECK(json::to_string(raw) == tree.get<std::string>(), "the same string");
      return;
    case json::Kind::number:
      CHORUS_CHECK(json::to_double(raw) == tree.get<double>(), "the same double");
      if (tree.is_number_unsigned()) {
        CHORUS_CHECK(json::to_uint64(raw) == tree.get<std::uint64_t>(), "the same unsigned integer");
      } else if (tree.is_number_integer()) {
        CHORUS_CHECK(json::to_int64(raw) == tree.get<std::int64_t>(), "the same integer");
      }
      return;
    case json::Kind::array: {
      json::ArrayReader reader(raw);
      for (auto const& element : tree) {
        auto const next = reader.next();
        CHORUS_CHECK(next, "as many elements");
        compare(*next, element);
      }
      CHORUS_CHECK(!reader.next(), "no element more");
      return;
    }
    case json::Kind::object:
      for (auto it = tree.begin(); it != tree.end(); ++it) {
        auto const value = json::find(raw, it.key());
        CHORUS_CHECK(value, "every member is found");
        compare(*value, it.value());
      }
      return;
    case json::Kind::missing:
      CHORUS_CHECK(false, "a valid value has a kind");
  }
}

/// Reading what was never validated may answer nonsense, but stays inside the text.
void read_unchecked(Bytes text) {
  json::ArrayReader array(text);
  while (array.next()) {
  }
  json::ObjectReader object(text);
  while (auto const member = object.next()) json::string_equals(member->key, "key");
  json::to_string(text);
  json::to_int64(text);
  json::to_double(text);
  CHORUS_CHECK(json::skip_value(text, 0) <= text.size(), "skip_value ends inside the text");
}

/// Any bytes become a string that is valid and reads back.
void write_string(Bytes bytes) {
  std::string out;
  json::append_string(out, bytes);
  CHORUS_CHECK(chorus::is_utf8(out) && json::is_valid(out), "what is written is valid");
  if (chorus::is_utf8(bytes)) CHORUS_CHECK(json::to_string(out) == bytes, "and reads back as the same");
}

void compare_with_another_parser(Bytes text) {
  // Knowingly different there: a NUL ends the text, and a byte order mark at its beginning is skipped.
  if (text.find('\0') != Bytes::npos || text.starts_with("\xef\xbb\xbf")) return;
  bool const ours = json::is_valid(text);
  Tree tree;
  try {
    tree = Tree::parse(text);
  } catch (Tree::out_of_range const&) {
    return;  // a number too great for a double: grammatical, as JSON.parse has it
  } catch (Tree::parse_error const& error) {
    bool const surrogate = Bytes(error.what()).find("surrogate") != Bytes::npos;  // lone ones are refused there
    CHORUS_CHECK(!ours || surrogate, "refused by the other parser, accepted by ours");
    return;
  }
  if (!ours) {
    CHORUS_CHECK(json::is_valid(text, json::nesting_cap) || text.size() > json::nesting_max,
                 "refused by ours, accepted by the other parser");
    return;
  }
  auto const begin = json::skip_space(text, 0);
  compare(text.substr(begin, *json::scan_value(text, begin) - begin), tree);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size > 4096) return 0;
  Bytes const text(reinterpret_cast<char const*>(data), size);
  read_unchecked(text);
  write_string(text);
  if (chorus::is_utf8(text)) compare_with_another_parser(text);
  return 0;
}
