// The character classes of HTTP's grammar (RFC 9110, 5.5 and 5.6; RFC 3986, 2).
#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace chorus::http {

enum CharacterClass : std::uint8_t {
  token_character = 1,   ///< of methods and header names
  target_character = 2,  ///< of request targets: visible ASCII without the '#' that never travels
  value_character = 4,   ///< of header values: no control character but the tab; bytes above ASCII are opaque
  host_character = 8,    ///< of "host:port"
};

constexpr std::array<std::uint8_t, 256> make_character_table() {
  std::array<std::uint8_t, 256> table{};
  auto const mark = [&table](Bytes characters, std::uint8_t classes) {
    for (char const c : characters) table[static_cast<unsigned char>(c)] |= classes;
  };
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] |= target_character | value_character;
  for (unsigned c = 0x80; c < 0x100; ++c) table[c] |= value_character;
  mark(" \t", value_character);
  mark("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", token_character | host_character);
  mark("!#$%&'*+-.^_`|~", token_character);
  mark("-._~%!$&'()*+,;=:[]", host_character);
  table['#'] = token_character | value_character;
  return table;
}

inline constexpr std::array<std::uint8_t, 256> character_table = make_character_table();

inline bool is_of(char c, CharacterClass wanted) {
  return (character_table[static_cast<unsigned char>(c)] & wanted) != 0;
}

inline bool all_of(Bytes text, CharacterClass wanted) {
  for (char const c : text) {
    if (!is_of(c, wanted)) return false;
  }
  return true;
}

/// 0 to 15; -1 for what is no hexadecimal digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Without the spaces and tabs around it.
inline Bytes trimmed(Bytes text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == Bytes::npos) return text.substr(text.size());
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace chorus::http
