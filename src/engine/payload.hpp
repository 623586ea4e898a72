// Engine.IO packets, protocol version 4, as they lie in WebSocket messages and in polling payloads.
//
// Version 3's are in payload_v3.hpp; a session's Dialect knows which to use.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/types.hpp"

namespace chorus::engine {

enum class PacketType : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

enum class PacketError : std::uint8_t { empty, unknown_type, bad_base64, bad_framing };
CHORUS_ERROR_ENUM(PacketError)

struct Packet {
  PacketType type = PacketType::noop;
  MessageKind kind = MessageKind::text;  // of a message
  Bytes data;                            // behind the type; of a binary message the decoded bytes
};

/// A packet as it came: a WebSocket's message, or a piece of a payload.
struct EncodedPacket {
  MessageKind kind = MessageKind::text;
  Bytes bytes;
};

/// Decodes one packet given as text: a WebSocket's text message, or a piece of a payload. A base64 packet ("b…") is
/// decoded into `scratch`. The packet borrows from `encoded` or `scratch`.
/// EIO v4, "Packet encoding".
Result<Packet, PacketError> decode_packet(Bytes encoded, std::string& scratch);

/// Between the packets of a payload (EIO v4, "HTTP long-polling").
inline constexpr char payload_separator = '\x1e';

/// Walks over the packets of a payload: `while (auto encoded = reader.next())`. Never ends without one packet: an empty
/// payload is one empty packet, which decode_packet() refuses. Borrows the payload.
class PayloadReader {
 public:
  explicit PayloadReader(Bytes payload) : rest_(payload) {}

  std::optional<Bytes> next();

 private:
  std::optional<Bytes> rest_;
};

/// Appends one packet, given in one part or two, to a payload, with the separator before it when it is not the first.
void append_packet(std::string& payload, Bytes encoded, Bytes rest = {});
void append_message(std::string& payload, MessageKind kind, Bytes data);

/// Bytes that append_message() adds, without the separator before it.
std::size_t message_size(MessageKind kind, Bytes data);

}  // namespace chorus::engine
