// One value of Redis's protocol (RESP2 and RESP3) as it lies in the receive buffer: a flat tree, looked at by a view.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace chorus::cluster::redis {

/// What a value is, whichever version of the protocol spelled it.
enum class RespType : std::uint8_t {
  simple,      ///< `+OK`
  error,       ///< `-ERR …`, or a blob error
  integer,     ///< `:1`
  bulk,        ///< `$5`
  null,        ///< `_`, `$-1` and `*-1`
  boolean,     ///< `#t`: integer() is 1
  number,      ///< `,1.5`: text() is the decimal text, or inf, -inf, nan
  big_number,  ///< `(123…`: text() is the decimal text
  verbatim,    ///< `=`: text() is what stands behind the format and its colon
  array,       ///< `*`
  map,         ///< `%`: keys and values take turns, so size() is even
  set,         ///< `~`
  push,        ///< `>`
};

/// A value without its bytes. Children follow their parent, each with its own children behind it.
struct RespNode {
  RespType type = RespType::null;
  std::uint32_t children = 0;
  std::uint32_t nodes = 1;  ///< this one and all below it
  std::size_t offset = 0;   ///< of the text, from the value's first byte
  std::size_t size = 0;     ///< of the text
  std::int64_t integer = 0;
};

/// A view of one value and what is in it. Copy it freely; it dies with the bytes (see RespReader::value).
/// Thread: any, as the bytes allow.
class RespValue {
 public:
  class Iterator {
   public:
    Iterator(RespNode const* node, char const* base) : node_(node), base_(base) {}
    RespValue operator*() const { return {*node_, base_}; }
    Iterator& operator++() {
      node_ += node_->nodes;
      return *this;
    }
    bool operator==(Iterator const& other) const { return node_ == other.node_; }

   private:
    RespNode const* node_;
    char const* base_;
  };

  RespValue(RespNode const& node, char const* base) : node_(&node), base_(base) {}

  RespType type() const { return node_->type; }
  bool is_error() const { return type() == RespType::error; }
  bool is_null() const { return type() == RespType::null; }
  /// Empty for integers, booleans, null and what has children.
  Bytes text() const { return {base_ + node_->offset, node_->size}; }
  std::int64_t integer() const { return node_->integer; }

  /// Of an error: its first word ("WRONGPASS").
  Bytes error_code() const { return text().substr(0, text().find(' ')); }

  /// Direct children, and walking over them.
  std::size_t size() const { return node_->children; }
  Iterator begin() const { return {node_ + 1, base_}; }
  Iterator end() const { return {node_ + node_->nodes, base_}; }
  /// The child `index` < size(); costs a step for each one before it.
  RespValue operator[](std::size_t index) const {
    auto child = begin();
    for (; index > 0; --index) ++child;
    return *child;
  }

 private:
  RespNode const* node_;
  char const* base_;
};

}  // namespace chorus::cluster::redis
