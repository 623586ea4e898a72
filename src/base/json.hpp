// JSON text (RFC 8259): validated in one pass, read and written in place, never made into a tree.
//
// Thread: any; nothing here has state beyond its arguments. Every view points into the text it was taken from.
// "Raw" text is one JSON value exactly from its first to its last byte, without white space around it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace chorus::json {

/// Arrays and objects inside each other that a text may have unless the caller says otherwise.
inline constexpr std::size_t nesting_max = 512;
/// What `depth_max` may be at most; a greater one counts as this.
inline constexpr std::size_t nesting_cap = 1024;

/// Validates the one JSON value that begins at `text[pos]` (no white space before it) and returns the position behind
/// it. Nothing when it is not exactly the grammar of RFC 8259, or when it nests deeper than `depth_max`. What
/// JSON.parse accepts is accepted: numbers of any size, `\ud800` without its partner, repeated keys.
/// `text` must be valid UTF-8 (the transport has checked it). No recursion, no allocation: hostile depth is a refusal.
std::optional<std::size_t> scan_value(Bytes text, std::size_t pos, std::size_t depth_max = nesting_max);

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
/// The first position at or after `pos` that holds no JSON white space (`text.size()` if none).
constexpr std::size_t skip_space(Bytes text, std::size_t pos) {
  while (pos < text.size() && is_space(text[pos])) ++pos;
  return pos;
}

/// True when the whole text is one valid value, with white space around it allowed.
bool is_valid(Bytes text, std::size_t depth_max = nesting_max);

// ---- Reading. The text must have passed scan_value; otherwise the answers are meaningless, but memory-safe. ----

enum class Kind : std::uint8_t {
  missing,  ///< no text at all
  null,
  boolean,
  number,
  string,
  array,
  object,
};

inline Kind kind(Bytes raw) {
  if (raw.empty()) return Kind::missing;
  switch (raw.front()) {
    case '"':
      return Kind::string;
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9') ? Kind::number : Kind::missing;
  }
}

/// End of the valid value that begins at `text[pos]`: scan_value without the checks.
std::size_t skip_value(Bytes text, std::size_t pos);

/// Walks the elements of an array, or of a bare list `1,"x",[2]` as it stands between an array's brackets.
class ArrayReader {
 public:
  /// Nothing to walk when `array` is not an array.
  explicit ArrayReader(Bytes array);
  static ArrayReader of_list(Bytes list, std::size_t pos = 0);

  /// The next element's raw text.
  std::optional<Bytes> next();
  /// Where in the text the search for the next element goes on; of_list(list, position()) resumes there.
  std::size_t position() const { return pos_; }

 private:
  ArrayReader(Bytes list, std::size_t pos) : list_(list), pos_(pos) {}

  Bytes list_;
  std::size_t pos_ = 0;
};

/// Walks the members of an object in the order of the text.
class ObjectReader {
 public:
  struct Member {
    Bytes key;    ///< with its quotes; compare by string_equals
    Bytes value;  ///< raw text
  };

  /// Nothing to walk when `object` is not an object.
  explicit ObjectReader(Bytes object);
  /// Goes on where another reader of the same object stopped.
  static ObjectReader from(Bytes object, std::size_t position);

  std::optional<Member> next();
  std::size_t position() const { return pos_; }

 private:
  Bytes text_;
  std::size_t pos_ = 0;
};

/// The raw value of the member `key` (as it reads when decoded); of repeated keys the last, as JSON.parse has it.
/// Nothing when `object` is no object or has no such member.
std::optional<Bytes> find(Bytes object, Bytes key);

/// True when `raw` is a string that decodes to exactly `text`. Never allocates.
bool string_equals(Bytes raw, Bytes text);

/// The decoded string in UTF-8; a lone surrogate becomes U+FFFD. Nothing when `raw` is no string.
std::optional<std::string> to_string(Bytes raw);

/// A string without escapes as it stands between its quotes: the common case, for which nothing need be decoded.
std::optional<Bytes> plain_string(Bytes raw);

/// Numbers, strictly: a number is not a string and not a boolean. The integers accept every spelling of an integral
/// value (`2`, `2.0`, `2e0`; those with a point or exponent up to 2^53) and nothing out of range.
std::optional<std::int64_t> to_int64(Bytes raw);
std::optional<std::uint64_t> to_uint64(Bytes raw);
/// Too small becomes 0; too great for a double is nothing (JSON.parse would say Infinity).
std::optional<double> to_double(Bytes raw);
std::optional<bool> to_bool(Bytes raw);
bool is_null(Bytes raw);

// ---- Writing: what JSON.parse on the other side reads as the same value. ----

/// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD, so that the output is always valid.
void append_string(std::string& out, Bytes text);
void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);
/// Shortest text that reads back as the same number; not finite becomes null.
void append_number(std::string& out, double value);
void append_number(std::string& out, float value);

}  // namespace chorus::json
