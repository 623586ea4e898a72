// Engine.IO packets and payloads, protocol version 3, as clients of Socket.IO 1 and 2 speak it.
//
//     packet    a digit for the type, and its data. Binary: a byte for the type, and its data; or as text, "b", the
//               digit and the data in base64
//     payload   text     <length>:<packet>…                         the length in UTF-16 units, since JavaScript counts
//     so
//               binary   <0 text, 1 binary><length>\xff<packet>…    the length in bytes, a byte for each of its digits
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/payload.hpp"
#include "engine/types.hpp"

namespace chorus::engine::v3 {

/// Before the data of a binary message, and before its base64.
inline constexpr Bytes binary_prefix{"\x04", 1};
inline constexpr Bytes base64_prefix = "b4";

/// Decodes one packet: a WebSocket's message, or a piece of a payload. As engine::decode_packet(). A binary packet of
/// an unknown type means nothing, as in the reference: it comes out as a noop.
Result<Packet, PacketError> decode_packet(EncodedPacket packet, std::string& scratch);

using NextPacket = Result<std::optional<EncodedPacket>, PacketError>;

/// Walks over the packets of a text payload, valid UTF-8; nothing behind the last one. Empty packets are passed over,
/// but a payload is never quite empty: one without packets is "0:". Borrows the payload. Not used after an error.
class TextPayloadReader {
 public:
  explicit TextPayloadReader(Bytes payload) : rest_(payload), at_start_(true) {}

  NextPacket next();

 private:
  Bytes rest_;
  bool at_start_;
};

/// The same for a binary payload, which may be empty. What it gives as text is valid UTF-8.
class BinaryPayloadReader {
 public:
  explicit BinaryPayloadReader(Bytes payload) : rest_(payload) {}

  NextPacket next();

 private:
  Bytes rest_;
};

/// Appends a packet, given in two parts, to a payload of either form.
void append_to_text_payload(std::string& payload, Bytes prefix, Bytes rest);
void append_to_binary_payload(std::string& payload, MessageKind kind, Bytes prefix, Bytes rest);

}  // namespace chorus::engine::v3
