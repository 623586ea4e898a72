#include "base/msgpack_writer.hpp"

#include <bit>
#include <cmath>

namespace chorus::msgpack {
namespace {

void append_byte(std::string& out, unsigned byte) { out += static_cast<char>(byte); }

/// The format's byte and a number of `size` bytes behind it.
void append_tagged(std::string& out, unsigned format, std::uint64_t value, unsigned size) {
  char bytes[9];
  bytes[0] = static_cast<char>(format);
  for (unsigned i = 0; i < size; ++i) bytes[1 + i] = static_cast<char>(value >> (8 * (size - 1 - i)));
  out.append(bytes, 1 + size);
}

/// Whether a signed number of `bits` bits holds this negative one.
bool fits(std::int64_t value, unsigned bits) { return value >= -(std::int64_t{1} << (bits - 1)); }

}  // namespace

void append_nil(std::string& out) { append_byte(out, 0xc0); }

void append_boolean(std::string& out, bool value) { append_byte(out, value ? 0xc3 : 0xc2); }

void append_integer(std::string& out, std::uint64_t value) {
  if (value < 0x80) return append_byte(out, static_cast<unsigned>(value));
  if (value < 0x100) return append_tagged(out, 0xcc, value, 1);
  if (value < 0x1'0000) return append_tagged(out, 0xcd, value, 2);
  if (value < 0x1'0000'0000) return append_tagged(out, 0xce, value, 4);
  append_tagged(out, 0xcf, value, 8);
}

void append_integer(std::string& out, std::int64_t value) {
  auto const bits = static_cast<std::uint64_t>(value);
  if (value >= 0) return append_integer(out, bits);
  if (value >= -0x20) return append_byte(out, static_cast<unsigned>(bits & 0xff));
  if (fits(value, 8)) return append_tagged(out, 0xd0, bits, 1);
  if (fits(value, 16)) return append_tagged(out, 0xd1, bits, 2);
  if (fits(value, 32)) return append_tagged(out, 0xd2, bits, 4);
  append_tagged(out, 0xd3, bits, 8);
}

void append_number(std::string& out, double value) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (std::trunc(value) == value && value >= -two_to_63 && value < 2 * two_to_63) {
    if (value < 0) return append_integer(out, static_cast<std::int64_t>(value));
    return append_integer(out, static_cast<std::uint64_t>(value));
  }
  append_tagged(out, 0xcb, std::bit_cast<std::uint64_t>(value), 8);
}

void append_string(std::string& out, Bytes text) {
  if (text.size() < 0x20) {
    append_byte(out, 0xa0 | static_cast<unsigned>(text.size()));
  } else if (text.size() < 0x100) {
    append_tagged(out, 0xd9, text.size(), 1);
  } else if (text.size() < 0x1'0000) {
    append_tagged(out, 0xda, text.size(), 2);
  } else {
    append_tagged(out, 0xdb, text.size(), 4);
  }
  out.append(text);
}

void append_binary(std::string& out, Bytes bytes) {
  if (bytes.size() < 0x100) {
    append_tagged(out, 0xc4, bytes.size(), 1);
  } else if (bytes.size() < 0x1'0000) {
    append_tagged(out, 0xc5, bytes.size(), 2);
  } else {
    append_tagged(out, 0xc6, bytes.size(), 4);
  }
  out.append(bytes);
}

void append_array_head(std::string& out, std::size_t count) {
  if (count < 0x10) return append_byte(out, 0x90 | static_cast<unsigned>(count));
  if (count < 0x1'0000) return append_tagged(out, 0xdc, count, 2);
  append_tagged(out, 0xdd, count, 4);
}

void append_map_head(std::string& out, std::size_t pairs) {
  if (pairs < 0x10) return append_byte(out, 0x80 | static_cast<unsigned>(pairs));
  if (pairs < 0x1'0000) return append_tagged(out, 0xde, pairs, 2);
  append_tagged(out, 0xdf, pairs, 4);
}

}  // namespace chorus::msgpack
