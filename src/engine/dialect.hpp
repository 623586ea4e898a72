// Dialect: which revision of Engine.IO's protocol a client speaks. What the revisions do differently is asked of it
// here, and of what stands on it: polling_body.hpp (payloads), reframed.hpp (WebSocket frames).
#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/payload.hpp"
#include "engine/types.hpp"

namespace chorus::engine {

class SharedMessage;

/// As the query parameter `EIO` names it: 4 is Socket.IO 3 and later, 3 is Socket.IO 1 and 2.
enum class Revision : std::uint8_t { v3 = 3, v4 = 4 };

/// How a client of revision 3 wants binary on one transport. Revision 4 leaves it no choice.
enum class BinaryForm : std::uint8_t { bytes, base64 };

/// A small value; a session's own changes with its transport.
struct Dialect {
  Revision revision = Revision::v4;
  BinaryForm binary = BinaryForm::bytes;

  /// Who asks for a sign of life: in revision 3 the client, in 4 the server.
  bool client_pings() const { return revision == Revision::v3; }
  /// A POST may be a binary payload, and so may a poll's answer.
  bool has_binary_payloads() const { return revision == Revision::v3; }
  /// A WebSocket's binary message is the data of a message, without a packet's type before it.
  bool has_bare_binary() const { return revision == Revision::v4; }
  /// SharedMessage::frames() are the frames for this dialect too.
  bool shares_frames(SharedMessage const& message) const;

  /// See decode_packet().
  Result<Packet, PacketError> decode(EncodedPacket packet, std::string& scratch) const;
};

}  // namespace chorus::engine
