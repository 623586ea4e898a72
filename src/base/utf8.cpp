#include "base/utf8.hpp"

#include <cstring>

namespace chorus {
namespace {

/// Number of leading bytes that are plain ASCII, eight at a time.
std::size_t ascii_prefix(char const* text, std::size_t size) {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text + i, 8);
    if (word & 0x8080808080808080ull) break;
  }
  while (i < size && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

/// UTF-16 units of the character that this byte begins; none in its later bytes.
unsigned units_at(char byte) {
  auto const bits = static_cast<unsigned char>(byte);
  if ((bits & 0xc0) == 0x80) return 0;
  return bits >= 0xf0 ? 2 : 1;
}

}  // namespace

bool Utf8Validator::accept(Bytes piece) {
  char const* p = piece.data();
  std::size_t left = piece.size();
  while (left > 0) {
    if (needed_ == 0) {
      std::size_t const plain = ascii_prefix(p, left);
      p += plain;
      left -= plain;
      if (left == 0) return true;
      auto const lead = static_cast<unsigned char>(*p);
      low_ = 0x80;
      high_ = 0xbf;
      if (lead >= 0xc2 && lead <= 0xdf) {
        needed_ = 1;
      } else if (lead >= 0xe0 && lead <= 0xef) {
        needed_ = 2;
        if (lead == 0xe0) low_ = 0xa0;
        if (lead == 0xed) high_ = 0x9f;
      } else if (lead >= 0xf0 && lead <= 0xf4) {
        needed_ = 3;
        if (lead == 0xf0) low_ = 0x90;
        if (lead == 0xf4) high_ = 0x8f;
      } else {
        return false;
      }
    } else {
      auto const next = static_cast<unsigned char>(*p);
      if (next < low_ || next > high_) return false;
      low_ = 0x80;
      high_ = 0xbf;
      --needed_;
    }
    ++p;
    --left;
  }
  return true;
}

bool is_utf8(Bytes text) {
  Utf8Validator validator;
  return validator.accept(text) && validator.complete();
}

std::size_t utf16_size(Bytes text) {
  std::size_t units = 0;
  for (char const byte : text) units += units_at(byte);
  return units;
}

std::optional<std::size_t> utf16_prefix(Bytes text, std::size_t units) {
  std::size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    unsigned const next = units_at(text[bytes]);
    if (next > units) break;  // also the first byte behind the last character
    units -= next;
  }
  if (units != 0) return std::nullopt;
  return bytes;
}

}  // namespace chorus
