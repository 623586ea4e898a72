// Bodies of polling requests: what POSTs bring and polls take away, in the dialect of their session.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/dialect.hpp"
#include "engine/payload.hpp"
#include "engine/payload_v3.hpp"
#include "engine/shared_message.hpp"
#include "engine/types.hpp"

namespace chorus::engine {

/// Walks over the packets of a POST's body; nothing behind the last one. Borrows the body, of which text is valid
/// UTF-8. Not used after an error.
class BodyReader {
 public:
  BodyReader(Dialect dialect, PostType type, Bytes body);

  Result<std::optional<EncodedPacket>, PacketError> next();

 private:
  std::variant<PayloadReader, v3::TextPayloadReader, v3::BinaryPayloadReader> reader_;
};

/// Writes the answer to a poll, packet by packet. In revision 3 it is binary from its first binary message on, if the
/// client takes that, and what was written before is written anew.
class AnswerWriter {
 public:
  explicit AnswerWriter(Dialect dialect) : dialect_(dialect) {}

  /// A packet as text: "6".
  void packet(Bytes encoded) { text_packet({}, encoded); }
  /// A message, and those that follow it.
  void text(Bytes message, Compress compress = Compress::yes);
  void binary(Bytes message, Compress compress = Compress::yes);
  void message(SharedMessage const& message);

  bool empty() const { return body_.empty(); }
  /// Of the body so far.
  std::size_t size() const { return body_.size(); }
  void reserve(std::size_t bytes) { body_.reserve(bytes); }
  /// May be compressed if one of the messages in it may.
  HttpAnswer take();

 private:
  void text_packet(Bytes prefix, Bytes rest);
  void become_binary();
  void allow(Compress compress) {
    if (compress == Compress::yes) compress_ = compress;
  }

  std::string body_;
  Dialect const dialect_;
  bool is_binary_ = false;
  Compress compress_ = Compress::no;
};

}  // namespace chorus::engine
