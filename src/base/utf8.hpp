// UTF-8 validation (RFC 3629), also of text that arrives in pieces.
#pragma once
#include <cstddef>
#include <optional>

#include "base/bytes.hpp"

namespace chorus {

/// Validates text that comes in pieces: `accept` each piece, then ask whether the text may end here.
class Utf8Validator {
 public:
  /// False as soon as the bytes so far cannot be the beginning of valid UTF-8; the validator is then spent.
  bool accept(Bytes piece);
  /// True when the text seen so far ends on a character's boundary.
  bool complete() const { return needed_ == 0; }
  void reset() { *this = Utf8Validator(); }

 private:
  unsigned char needed_ = 0;  // continuation bytes still to come
  unsigned char low_ = 0x80;  // range of the next continuation byte: excludes overlong forms and surrogates
  unsigned char high_ = 0xbf;
};

bool is_utf8(Bytes text);

// JavaScript counts a text in UTF-16: one unit a character, two beyond U+FFFF. Of valid UTF-8:

std::size_t utf16_size(Bytes text);
/// How many bytes of `text` its first `units` are; nullopt when it has fewer, or when a character lies on both sides.
std::optional<std::size_t> utf16_prefix(Bytes text, std::size_t units);

}  // namespace chorus
