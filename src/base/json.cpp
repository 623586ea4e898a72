#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/check.hpp"
#include "base/utf8.hpp"

namespace chorus::json {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// True for what a string's text cannot hold as it is: a quote, a backslash, a control character.
constexpr bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

#ifdef __SSE2__
/// A bit for each special one of 16 bytes.
unsigned special_bits(char const* bytes) {
  __m128i const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(bytes));
  __m128i const control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
  __m128i const quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  __m128i const backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))));
}
#endif

/// First special byte at or after `pos`, `text.size()` if none: the inner loop of scanning and of writing.
std::size_t find_special(Bytes text, std::size_t pos) {
#ifdef __SSE2__
  for (; text.size() - pos >= 16; pos += 16) {
    unsigned const bits = special_bits(text.data() + pos);
    if (bits != 0) return pos + static_cast<std::size_t>(std::countr_zero(bits));
  }
  if (text.size() >= 16) {  // the rest, as the end of the last 16 bytes
    std::size_t const begin = text.size() - 16;
    unsigned const bits = special_bits(text.data() + begin) >> (pos - begin);
    return bits != 0 ? pos + static_cast<std::size_t>(std::countr_zero(bits)) : text.size();
  }
#endif
  while (pos < text.size() && !is_special(text[pos])) ++pos;
  return pos;
}

/// ASCII without special bytes: what can stand between quotes as it is. A guess that is cheap for short names; a longer
/// text is looked at only as far as its first 64 bytes.
bool is_plain(Bytes text) {
  constexpr std::size_t name_max = 64;
  if (text.size() > name_max) return false;
  return std::ranges::none_of(text, [](char c) { return is_special(c) || static_cast<unsigned char>(c) >= 0x80; });
}

/// One bit for each open array or object: all that the grammar needs to know of what is around.
class Nesting {
 public:
  explicit Nesting(std::size_t depth_max) : depth_max_(std::min(depth_max, nesting_cap)) {}

  bool empty() const { return depth_ == 0; }
  bool in_object() const { return (bits_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1; }
  void pop() { --depth_; }
  bool push(bool object) {
    if (depth_ == depth_max_) return false;
    std::uint64_t const bit = std::uint64_t{1} << (depth_ % 64);
    auto& word = bits_[depth_ / 64];
    word = object ? word | bit : word & ~bit;
    ++depth_;
    return true;
  }

 private:
  std::size_t depth_ = 0;
  std::size_t depth_max_;
  std::array<std::uint64_t, nesting_cap / 64> bits_{};
};

/// The validator. Each step moves pos_ behind what it accepts and returns false at the first wrong byte.
class Scanner {
 public:
  Scanner(Bytes text, std::size_t pos, std::size_t depth_max) : text_(text), pos_(pos), nesting_(depth_max) {}

  std::size_t position() const { return pos_; }

  bool value() {
    do {
      if (!begin_value()) return false;
      if (!opened_ && !after_value()) return false;
    } while (!nesting_.empty());
    return true;
  }

 private:
  char peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  void space() {
    while (pos_ < text_.size() && is_space(text_[pos_])) ++pos_;
  }
  bool take(char c) {
    if (peek() != c) return false;  // c is never NUL: the end of the text does not match
    ++pos_;
    return true;
  }

  /// A scalar, an empty container, or the opening of one (opened_): then its first element is due.
  bool begin_value() {
    opened_ = false;
    switch (peek()) {
      case '"':
        return string();
      case '{':
        return open_object();
      case '[':
        return open_array();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  bool open_array() {
    if (!nesting_.push(false)) return false;
    ++pos_;
    space();
    if (take(']')) return nesting_.pop(), true;
    return opened_ = true;
  }

  bool open_object() {
    if (!nesting_.push(true)) return false;
    ++pos_;
    space();
    if (take('}')) return nesting_.pop(), true;
    opened_ = true;
    return key();
  }

  /// `"name" :` up to where the member's value begins.
  bool key() {
    if (peek() != '"' || !string()) return false;
    space();
    if (!take(':')) return false;
    space();
    return true;
  }

  /// Closes what ends here; returns when the next element is due, or at the end of the outermost value.
  bool after_value() {
    while (!nesting_.empty()) {
      bool const object = nesting_.in_object();
      space();
      if (take(',')) {
        space();
        return !object || key();
      }
      if (!take(object ? '}' : ']')) return false;
      nesting_.pop();
    }
    return true;
  }

  bool literal(Bytes word) {
    if (text_.substr(pos_, word.size()) != word) return false;
    pos_ += word.size();
    return true;
  }

  bool digits() {
    std::size_t const begin = pos_;
    while (is_digit(peek())) ++pos_;
    return pos_ > begin;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;  // "01" ends after the 0, and the 1 is then a stranger
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  bool string() {
    ++pos_;
    for (;;) {
      pos_ = find_special(text_, pos_);
      char const c = peek();
      if (c == '"') return ++pos_, true;
      if (c != '\\') return false;  // a control character, or the end
      if (!escape()) return false;
    }
  }

  bool escape() {
    ++pos_;
    switch (peek()) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        ++pos_;
        return true;
      case 'u':
        break;
      default:
        return false;
    }
    ++pos_;
    if (text_.size() - pos_ < 4) return false;
    for (std::size_t const end = pos_ + 4; pos_ < end; ++pos_) {
      if (hex_value(text_[pos_]) < 0) return false;
    }
    return true;
  }

  Bytes text_;
  std::size_t pos_;
  Nesting nesting_;
  bool opened_ = false;
};

/// Position behind the string that begins at `text[pos]`; the end of the text when it is not closed.
std::size_t skip_string(Bytes text, std::size_t pos) {
  ++pos;
  while (pos < text.size()) {
    pos = find_special(text, pos);
    if (pos >= text.size()) break;
    if (text[pos] == '"') return pos + 1;
    pos += text[pos] == '\\' ? 2 : 1;
  }
  return text.size();
}

std::size_t skip_container(Bytes text, std::size_t pos) {
  std::size_t depth = 0;
  while (pos < text.size()) {
    switch (text[pos]) {
      case '"':
        pos = skip_string(text, pos);
        continue;
      case '[':
      case '{':
        ++depth;
        break;
      case ']':
      case '}':
        if (--depth == 0) return pos + 1;
        break;
      default:
        break;
    }
    ++pos;
  }
  return text.size();
}

/// What stands between an array's or object's brackets; nothing of other text.
Bytes inside(Bytes raw, char open) {
  if (raw.size() < 2 || raw.front() != open) return {};
  return raw.substr(1, raw.size() - 2);
}

/// Moves behind white space and one comma between elements.
std::size_t skip_separator(Bytes text, std::size_t pos) {
  pos = skip_space(text, pos);
  if (pos < text.size() && text[pos] == ',') pos = skip_space(text, pos + 1);
  return pos;
}

// ---- Strings ----

void append_utf8(std::string& out, char32_t c) {
  auto const put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

constexpr char32_t replacement = 0xfffd;
constexpr bool is_high_surrogate(char32_t c) { return c >= 0xd800 && c <= 0xdbff; }
constexpr bool is_low_surrogate(char32_t c) { return c >= 0xdc00 && c <= 0xdfff; }

/// The four digits of `\uXXXX` at `text[pos]`; U+FFFD when they are not there.
char32_t code_unit(Bytes text, std::size_t pos) {
  if (text.size() < 4 || pos > text.size() - 4) return replacement;
  char32_t unit = 0;
  for (char const c : text.substr(pos, 4)) {
    int const digit = hex_value(c);
    if (digit < 0) return replacement;
    unit = unit << 4 | static_cast<char32_t>(digit);
  }
  return unit;
}

/// The character of the escape whose backslash is at `text[pos]`; moves pos behind it.
char32_t decode_escape(Bytes text, std::size_t& pos) {
  char const c = pos + 1 < text.size() ? text[pos + 1] : '\\';
  pos = std::min(pos + 2, text.size());
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'u':
      break;
    default:
      return static_cast<unsigned char>(c);
  }
  char32_t const first = code_unit(text, pos);
  pos = std::min(pos + 4, text.size());
  if (is_low_surrogate(first)) return replacement;
  if (!is_high_surrogate(first)) return first;
  if (text.substr(pos, 2) != "\\u") return replacement;
  char32_t const second = code_unit(text, pos + 2);
  if (!is_low_surrogate(second)) return replacement;
  pos += 6;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/// Gives the decoded string piece by piece to `sink`, which may end the walk by returning false.
template <class Sink>
bool decode_string(Bytes content, Sink sink) {
  std::string character;
  for (std::size_t pos = 0; pos < content.size();) {
    std::size_t const end = std::min(content.find('\\', pos), content.size());
    if (end > pos && !sink(content.substr(pos, end - pos))) return false;
    pos = end;
    if (pos == content.size()) break;
    character.clear();  // at most four bytes: never on the heap
    append_utf8(character, decode_escape(content, pos));
    if (!sink(Bytes(character))) return false;
  }
  return true;
}

std::optional<Bytes> string_content(Bytes raw) {
  if (raw.size() < 2 || raw.front() != '"') return std::nullopt;
  return raw.substr(1, raw.size() - 2);
}

/// Length of the valid UTF-8 character at the front of `text`. If there is none, `valid` is false and the length that
/// of what one U+FFFD stands for: the longest beginning of a character, at least one byte (Unicode 15, 3.9, table 3-8).
std::size_t character_length(Bytes text, bool& valid) {
  auto const lead = static_cast<unsigned char>(text.front());
  std::size_t const length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  valid = length == 1;
  if (length < 2) return 1;
  // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
  unsigned const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size()) return i;
    auto const next = static_cast<unsigned char>(text[i]);
    if (next < (i == 1 ? low : 0x80) || next > (i == 1 ? high : 0xbf)) return i;
  }
  valid = true;
  return length;
}

/// Appends what needs no escape, with everything that is not UTF-8 replaced.
void append_repaired(std::string& out, Bytes text) {
  std::size_t done = 0;
  std::size_t pos = 0;
  while (pos < text.size()) {
    if (static_cast<unsigned char>(text[pos]) < 0x80) {
      ++pos;
      continue;
    }
    bool valid = false;
    std::size_t const length = character_length(text.substr(pos), valid);
    if (!valid) {
      out.append(text.substr(done, pos - done));
      append_utf8(out, replacement);
      done = pos + length;
    }
    pos += length;
  }
  out.append(text.substr(done));
}

void append_escape(std::string& out, char c) {
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      break;
  }
  constexpr char const* digits = "0123456789abcdef";
  out += "u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[static_cast<unsigned char>(c) & 15];
}

// ---- Numbers ----

bool is_number(Bytes raw) { return kind(raw) == Kind::number; }

template <class T>
std::optional<T> parse_whole(Bytes raw) {
  T value{};
  auto const [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

/// Integral in another spelling: `2.0`, `2e0`, `-0` for unsigned. Up to 2^53, beyond which a double is no longer exact.
template <class T>
std::optional<T> integral_double(Bytes raw) {
  constexpr double exact_max = 9007199254740992.0;
  auto const value = to_double(raw);
  if (!value || std::trunc(*value) != *value || std::abs(*value) > exact_max) return std::nullopt;
  if (std::is_unsigned_v<T> && *value < 0) return std::nullopt;
  return static_cast<T>(*value);
}

template <class T>
std::optional<T> to_integer(Bytes raw) {
  if (!is_number(raw)) return std::nullopt;
  if (auto const value = parse_whole<T>(raw)) return value;
  // Plain digits that did not fit are out of range, not another spelling.
  if (raw.find_first_of(".eE") == Bytes::npos && raw != "-0") return std::nullopt;
  return integral_double<T>(raw);
}

/// For a number that a double cannot hold: too great (true) or too small? By the place of its first digit.
bool is_huge(Bytes raw) {
  std::size_t const e = std::min(raw.find_first_of("eE"), raw.size());
  Bytes const mantissa = raw.substr(0, e);
  std::size_t const first = mantissa.find_first_of("123456789");
  if (first == Bytes::npos) return false;
  std::size_t const point = std::min(mantissa.find('.'), mantissa.size());
  auto const place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  Bytes exponent = raw.substr(std::min(e + 1, raw.size()));
  bool const negative = exponent.starts_with('-');
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  auto const power = parse_whole<std::int64_t>(exponent);
  if (!power) return exponent.empty() ? place > 0 : !negative;  // more than 63 bits of exponent decide alone
  constexpr std::int64_t far = std::int64_t{1} << 40;           // no text is that long
  return std::clamp(*power, -far, far) + place > 0;
}

template <class T>
void append_chars(std::string& out, T value) {
  std::array<char, 64> buffer;
  auto const [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  CHORUS_DCHECK(error == std::errc(), "the shortest form of a number has at most 24 characters");
  out.append(buffer.data(), end);
}

template <class T>
void append_floating(std::string& out, T value) {
  if (!std::isfinite(value)) {
    out += "null";  // as JSON.stringify
  } else {
    append_chars(out, value);
  }
}

}  // namespace

std::optional<std::size_t> scan_value(Bytes text, std::size_t pos, std::size_t depth_max) {
  if (pos >= text.size()) return std::nullopt;
  Scanner scanner(text, pos, depth_max);
  if (!scanner.value()) return std::nullopt;
  return scanner.position();
}

bool is_valid(Bytes text, std::size_t depth_max) {
  auto const end = scan_value(text, skip_space(text, 0), depth_max);
  return end && skip_space(text, *end) == text.size();
}

std::size_t skip_value(Bytes text, std::size_t pos) {
  if (pos >= text.size()) return text.size();
  switch (text[pos]) {
    case '"':
      return skip_string(text, pos);
    case '{':
    case '[':
      return skip_container(text, pos);
    default:
      return std::min(text.find_first_of(",]} \n\r\t", pos), text.size());
  }
}

ArrayReader::ArrayReader(Bytes array) : list_(inside(array, '[')) {}

ArrayReader ArrayReader::of_list(Bytes list, std::size_t pos) { return {list, pos}; }

std::optional<Bytes> ArrayReader::next() {
  std::size_t const begin = skip_separator(list_, pos_);
  std::size_t const end = skip_value(list_, begin);
  pos_ = end;
  if (end <= begin) {  // the end, or no JSON at all: either way there is nothing to walk
    pos_ = list_.size();
    return std::nullopt;
  }
  return list_.substr(begin, end - begin);
}

ObjectReader::ObjectReader(Bytes object) : text_(inside(object, '{')) {}

ObjectReader ObjectReader::from(Bytes object, std::size_t position) {
  ObjectReader reader(object);
  reader.pos_ = position;
  return reader;
}

std::optional<ObjectReader::Member> ObjectReader::next() {
  std::size_t const key = skip_separator(text_, pos_);
  pos_ = text_.size();
  if (key >= text_.size() || text_[key] != '"') return std::nullopt;
  std::size_t const key_end = skip_string(text_, key);
  std::size_t const colon = skip_space(text_, key_end);
  if (colon >= text_.size() || text_[colon] != ':') return std::nullopt;
  std::size_t const begin = skip_space(text_, colon + 1);
  std::size_t const end = skip_value(text_, begin);
  if (end <= begin) return std::nullopt;
  pos_ = end;
  return Member{text_.substr(key, key_end - key), text_.substr(begin, end - begin)};
}

std::optional<Bytes> find(Bytes object, Bytes key) {
  std::optional<Bytes> found;
  ObjectReader reader(object);
  while (auto const member = reader.next()) {
    if (string_equals(member->key, key)) found = member->value;
  }
  return found;
}

bool string_equals(Bytes raw, Bytes text) {
  auto const content = string_content(raw);
  if (!content) return false;
  if (content->find('\\') == Bytes::npos) return *content == text;
  bool const begins = decode_string(*content, [&text](Bytes piece) {
    if (!text.starts_with(piece)) return false;
    text.remove_prefix(piece.size());
    return true;
  });
  return begins && text.empty();
}

std::optional<std::string> to_string(Bytes raw) {
  auto const content = string_content(raw);
  if (!content) return std::nullopt;
  std::string decoded;
  decoded.reserve(content->size());
  decode_string(*content, [&decoded](Bytes piece) {
    decoded += piece;
    return true;
  });
  return decoded;
}

std::optional<Bytes> plain_string(Bytes raw) {
  auto const content = string_content(raw);
  if (!content || content->find('\\') != Bytes::npos) return std::nullopt;
  return content;
}

std::optional<std::int64_t> to_int64(Bytes raw) { return to_integer<std::int64_t>(raw); }

std::optional<std::uint64_t> to_uint64(Bytes raw) { return to_integer<std::uint64_t>(raw); }

std::optional<double> to_double(Bytes raw) {
  if (!is_number(raw)) return std::nullopt;
  double value = 0;
  auto const [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error == std::errc::result_out_of_range) {
    if (is_huge(raw.substr(raw.front() == '-' ? 1 : 0))) return std::nullopt;
    return raw.front() == '-' ? -0.0 : 0.0;
  }
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

std::optional<bool> to_bool(Bytes raw) {
  if (raw == "true") return true;
  if (raw == "false") return false;
  return std::nullopt;
}

bool is_null(Bytes raw) { return raw == "null"; }

void append_string(std::string& out, Bytes text) {
  if (is_plain(text)) {
    out += '"';
    out.append(text);
    out += '"';
    return;
  }
  bool const valid = is_utf8(text);
  out += '"';
  for (std::size_t pos = 0;;) {
    std::size_t const end = find_special(text, pos);
    Bytes const run = text.substr(pos, end - pos);
    if (valid) {
      out.append(run);
    } else {
      append_repaired(out, run);  // a run ends at ASCII, so that it never cuts a character
    }
    if (end == text.size()) break;
    append_escape(out, text[end]);
    pos = end + 1;
  }
  out += '"';
}

void append_number(std::string& out, std::int64_t value) { append_chars(out, value); }
void append_number(std::string& out, std::uint64_t value) { append_chars(out, value); }
void append_number(std::string& out, double value) { append_floating(out, value); }
void append_number(std::string& out, float value) { append_floating(out, value); }

}  // namespace chorus::json
