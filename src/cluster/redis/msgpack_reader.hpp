// MessagePack as it comes in (msgpack.org, spec.md): a cursor over one message, all formats.
//
// Pure. Thread: any, one object at a time. Nothing is copied or reserved: tokens are views into the message. A count
// that cannot fit into the bytes left is refused when it is read, so that whoever reserves for it is bounded by the
// message. Depth costs nothing here; who keeps a stack limits it (msgpack_json.hpp).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace chorus::cluster::redis::msgpack {

enum class Kind : std::uint8_t {
  nil,
  boolean,
  integer,           ///< fits std::int64_t
  unsigned_integer,  ///< above that
  floating,
  string,  ///< not checked to be UTF-8
  binary,
  extension,
  array,
  map,
};

/// A scalar, or the head of an array or map, whose elements are the next tokens.
struct Token {
  Kind kind = Kind::nil;
  bool boolean = false;
  std::int8_t extension = 0;           ///< the type of an extension
  bool fixext = false;                 ///< an extension in a format that has its size in its name
  std::uint64_t unsigned_integer = 0;  ///< also of an integer that is not negative
  std::int64_t integer = 0;
  double floating = 0;
  std::size_t count = 0;  ///< elements of an array, pairs of a map
  Bytes bytes;            ///< of string, binary and extension
};

class Reader {
 public:
  explicit Reader(Bytes message) : rest_(message) {}

  /// The next token; nothing at the end, and where no MessagePack is. Do not go on after that.
  std::optional<Token> next();
  /// The next value whole, as its bytes: a look at their shape, but neither at their depth nor at their text.
  std::optional<Bytes> skip();

  bool at_end() const { return rest_.empty(); }

 private:
  std::optional<Bytes> take(std::uint64_t size);
  std::optional<std::uint64_t> take_number(std::size_t size);
  std::optional<Token> take_sized(Kind kind, std::size_t size_of_size);
  std::optional<Token> bytes_token(Kind kind, std::uint64_t size);
  std::optional<Token> extension_token(std::uint64_t size, bool fixext);
  std::optional<Token> counted(Kind kind, std::uint64_t count) const;
  std::optional<Token> integer_token(std::size_t size, bool is_signed);
  std::optional<Token> floating_token(std::size_t size);

  Bytes rest_;
};

}  // namespace chorus::cluster::redis::msgpack
