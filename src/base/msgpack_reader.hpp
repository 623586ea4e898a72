// MessagePack as it comes in (msgpack.org, spec.md): a cursor over one message, all formats.
//
// Pure. Thread: any, one object at a time. Nothing is copied or reserved: tokens are views into the message. A count
// that cannot fit into the bytes left is refused when it is read, so that whoever reserves for it is bounded by the
// message. Depth costs nothing here; who keeps a stack limits it (socket/msgpack_json.hpp).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace chorus::msgpack {

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

/// What notepack.io 2 writes for `undefined`.
inline bool is_undefined(Token const& token) {
  return token.kind == Kind::extension && token.extension == 0 && token.fixext && token.bytes.size() == 1;
}

class Reader {
 public:
  explicit Reader(Bytes message) : rest_(message) {}

  /// The next token; nothing at the end, and where no MessagePack is. Do not go on after that.
  std::optional<Token> next();
  /// The next value whole, as its bytes: a look at their shape, but neither at their depth nor at their text.
  std::optional<Bytes> skip();
  /// Passes over an `undefined`, if one is next.
  bool skip_undefined();

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

/// Walks over a map's members, in their order: `while (auto const member = members.next())`. Those whose key is no
/// string are passed over.
class MapReader {
 public:
  struct Member {
    Bytes name;   ///< not checked to be UTF-8
    Bytes value;  ///< whole
  };

  explicit MapReader(Bytes map);

  /// The bytes begin as a map.
  bool is_map() const { return is_map_; }
  /// Nothing behind the last one, and where no MessagePack is.
  std::optional<Member> next();
  /// There was nothing but whole members, and nothing is left.
  bool at_end() const { return is_map_ && due_ == 0 && reader_.at_end(); }

 private:
  Reader reader_;
  std::size_t due_ = 0;
  bool is_map_ = false;
};

}  // namespace chorus::msgpack
