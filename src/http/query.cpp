#include "http/query.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "http/characters.hpp"

namespace chorus::http {
namespace {

/// The byte of "%xx" at the front of `text`; -1 when it is malformed.
int escaped_byte(Bytes text) {
  if (text.size() < 3) return -1;
  int const high = hex_digit(text[1]);
  int const low = hex_digit(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::size_t character_size(Bytes text) {
  for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

/// Each byte that belongs to no character becomes U+FFFD.
std::string repaired(Bytes text) {
  std::string out;
  while (!text.empty()) {
    auto const size = character_size(text);
    out.append(size > 0 ? text.substr(0, size) : Bytes("\xef\xbf\xbd"));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string decode(Bytes text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    int const byte = text.front() == '%' ? escaped_byte(text) : -1;
    out.push_back(byte >= 0 ? static_cast<char>(byte) : text.front() == '+' ? ' ' : text.front());
    text.remove_prefix(byte >= 0 ? 3 : 1);
  }
  if (!is_utf8(out)) return repaired(out);
  return out;
}

}  // namespace

Query::Query(Bytes query_string) {
  auto const separators = static_cast<std::size_t>(std::count(query_string.begin(), query_string.end(), '&'));
  if (!query_string.empty()) parameters_.reserve(std::min(separators + 1, query_parameters_max));
  while (!query_string.empty() && parameters_.size() < query_parameters_max) {
    Bytes const pair = query_string.substr(0, query_string.find('&'));
    query_string.remove_prefix(std::min(pair.size() + 1, query_string.size()));
    if (pair.empty()) continue;
    auto const equals = std::min(pair.find('='), pair.size());
    parameters_.emplace_back(decode(pair.substr(0, equals)), decode(pair.substr(std::min(equals + 1, pair.size()))));
  }
}

std::string const* Query::find(Bytes name) const {
  auto const found = std::find_if(begin(), end(), [&](Parameter const& parameter) { return parameter.first == name; });
  return found == end() ? nullptr : &found->second;
}

std::optional<std::string> Query::get(Bytes name) const {
  auto const* value = find(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::string> percent_decode_path(Bytes path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    bool const is_escape = path.front() == '%';
    int const byte = is_escape ? escaped_byte(path) : static_cast<unsigned char>(path.front());
    if (byte <= 0) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    path.remove_prefix(is_escape ? 3 : 1);
  }
  return out;
}

}  // namespace chorus::http
