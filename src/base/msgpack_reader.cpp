#include "base/msgpack_reader.hpp"

#include <bit>

namespace chorus::msgpack {
namespace {

Token integer(std::int64_t value) {
  return {.kind = Kind::integer, .unsigned_integer = static_cast<std::uint64_t>(value), .integer = value};
}

Token boolean(bool value) { return {.kind = Kind::boolean, .boolean = value}; }

}  // namespace

std::optional<Bytes> Reader::take(std::uint64_t size) {
  if (size > rest_.size()) return std::nullopt;
  Bytes const taken = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(taken.size());
  return taken;
}

/// Big-endian, as all of the format.
std::optional<std::uint64_t> Reader::take_number(std::size_t size) {
  auto const bytes = take(size);
  if (!bytes) return std::nullopt;
  std::uint64_t value = 0;
  for (char const byte : *bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::optional<Token> Reader::bytes_token(Kind kind, std::uint64_t size) {
  auto const bytes = take(size);
  if (!bytes) return std::nullopt;
  return Token{.kind = kind, .bytes = *bytes};
}

std::optional<Token> Reader::extension_token(std::uint64_t size, bool fixext) {
  auto const type = take_number(1);
  auto token = type ? bytes_token(Kind::extension, size) : std::nullopt;
  if (!token) return std::nullopt;
  token->extension = static_cast<std::int8_t>(*type);
  token->fixext = fixext;
  return token;
}

/// Every element has at least one byte.
std::optional<Token> Reader::counted(Kind kind, std::uint64_t count) const {
  if (count > rest_.size() / (kind == Kind::map ? 2 : 1)) return std::nullopt;
  return Token{.kind = kind, .count = static_cast<std::size_t>(count)};
}

/// What has its size or count in front, in `size_of_size` bytes.
std::optional<Token> Reader::take_sized(Kind kind, std::size_t size_of_size) {
  auto const size = take_number(size_of_size);
  if (!size) return std::nullopt;
  if (kind == Kind::array || kind == Kind::map) return counted(kind, *size);
  return kind == Kind::extension ? extension_token(*size, false) : bytes_token(kind, *size);
}

std::optional<Token> Reader::integer_token(std::size_t size, bool is_signed) {
  auto const bits = take_number(size);
  if (!bits) return std::nullopt;
  std::size_t const unused = 64 - 8 * size;
  if (is_signed) return integer(static_cast<std::int64_t>(*bits << unused) >> unused);
  if (*bits >> 63 == 0) return integer(static_cast<std::int64_t>(*bits));
  return Token{.kind = Kind::unsigned_integer, .unsigned_integer = *bits};
}

std::optional<Token> Reader::floating_token(std::size_t size) {
  auto const bits = take_number(size);
  if (!bits) return std::nullopt;
  double const value =
      size == 4 ? std::bit_cast<float>(static_cast<std::uint32_t>(*bits)) : std::bit_cast<double>(*bits);
  return Token{.kind = Kind::floating, .floating = value};
}

std::optional<Token> Reader::next() {
  auto const first = take_number(1);
  if (!first) return std::nullopt;
  auto const byte = static_cast<unsigned>(*first);
  if (byte < 0x80) return integer(static_cast<std::int64_t>(byte));
  if (byte < 0x90) return counted(Kind::map, byte & 0x0f);
  if (byte < 0xa0) return counted(Kind::array, byte & 0x0f);
  if (byte < 0xc0) return bytes_token(Kind::string, byte & 0x1f);
  if (byte >= 0xe0) return integer(static_cast<std::int8_t>(byte));
  switch (byte) {
    case 0xc0:
      return Token{};
    case 0xc2:
    case 0xc3:
      return boolean(byte == 0xc3);
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return take_sized(Kind::binary, std::size_t{1} << (byte - 0xc4));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return take_sized(Kind::extension, std::size_t{1} << (byte - 0xc7));
    case 0xca:
    case 0xcb:
      return floating_token(byte == 0xca ? 4 : 8);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return integer_token(std::size_t{1} << (byte - 0xcc), false);
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return integer_token(std::size_t{1} << (byte - 0xd0), true);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension_token(std::uint64_t{1} << (byte - 0xd4), true);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return take_sized(Kind::string, std::size_t{1} << (byte - 0xd9));
    case 0xdc:
    case 0xdd:
      return take_sized(Kind::array, std::size_t{2} << (byte - 0xdc));
    case 0xde:
    case 0xdf:
      return take_sized(Kind::map, std::size_t{2} << (byte - 0xde));
    default:
      return std::nullopt;  // 0xc1, "never used"
  }
}

std::optional<Bytes> Reader::skip() {
  Bytes const begin = rest_;
  // Values still due. No overflow: each count was held against the bytes left, and their sum is refused beyond them.
  for (std::size_t due = 1; due > 0; --due) {
    auto const token = next();
    if (!token) return std::nullopt;
    due += token->kind == Kind::map ? 2 * token->count : token->count;
    if (due - 1 > rest_.size()) return std::nullopt;
  }
  return begin.substr(0, begin.size() - rest_.size());
}

bool Reader::skip_undefined() {
  constexpr Bytes undefined("\xd4\x00", 2);  // and a byte of no meaning
  if (!rest_.starts_with(undefined) || rest_.size() == undefined.size()) return false;
  rest_.remove_prefix(undefined.size() + 1);
  return true;
}

MapReader::MapReader(Bytes map) : reader_(map) {
  auto const head = reader_.next();
  is_map_ = head && head->kind == Kind::map;
  if (is_map_) due_ = head->count;
}

std::optional<MapReader::Member> MapReader::next() {
  while (due_ > 0) {
    auto const key = reader_.skip();
    auto const value = key ? reader_.skip() : std::nullopt;
    if (!value) return std::nullopt;
    --due_;
    auto const name = Reader(*key).next();
    if (name->kind == Kind::string) return Member{name->bytes, *value};
  }
  return std::nullopt;
}

}  // namespace chorus::msgpack
