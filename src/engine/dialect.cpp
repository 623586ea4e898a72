#include "engine/dialect.hpp"

#include "engine/payload_v3.hpp"
#include "engine/shared_message.hpp"

namespace chorus::engine {

bool Dialect::shares_frames(SharedMessage const& message) const {
  return revision == Revision::v4 || message.attachment_count() == 0;
}

Result<Packet, PacketError> Dialect::decode(EncodedPacket packet, std::string& scratch) const {
  if (revision == Revision::v3) return v3::decode_packet(packet, scratch);
  if (packet.kind == MessageKind::binary) return Packet{PacketType::message, packet.kind, packet.bytes};
  return decode_packet(packet.bytes, scratch);
}

}  // namespace chorus::engine
