// Payloads of Engine.IO's revision 3: what is read is written and read to the same, in both forms.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "engine/payload_v3.hpp"

namespace {

using chorus::Bytes;
using chorus::engine::EncodedPacket;
using chorus::engine::MessageKind;
namespace v3 = chorus::engine::v3;

struct Packet {
  MessageKind kind;
  std::string bytes;
  bool operator==(Packet const&) const = default;
};
struct Payload {
  std::vector<Packet> packets;
  bool sound = true;
};

template <class Reader>
Payload read(Bytes bytes) {
  Payload payload;
  std::string scratch;
  for (Reader reader(bytes);;) {
    auto const next = reader.next();
    if (!next) payload.sound = false;
    if (!next || !*next) return payload;
    auto const [kind, encoded] = **next;
    CHORUS_CHECK(kind == MessageKind::binary || chorus::is_utf8(encoded), "a text packet is UTF-8");
    if (auto const packet = v3::decode_packet(**next, scratch))
      CHORUS_CHECK(packet->data.size() <= encoded.size(), "a packet has more data than it is long");
    payload.packets.push_back({kind, std::string(encoded)});
  }
}

void check_text(Bytes bytes) {
  if (!chorus::is_utf8(bytes)) return;
  auto const payload = read<v3::TextPayloadReader>(bytes);
  if (!payload.sound || payload.packets.empty()) return;
  std::string again;
  for (auto const& packet : payload.packets) v3::append_to_text_payload(again, {}, packet.bytes);
  CHORUS_CHECK(read<v3::TextPayloadReader>(again).packets == payload.packets, "a payload changed on its way");
}

void check_binary(Bytes bytes) {
  auto const payload = read<v3::BinaryPayloadReader>(bytes);
  if (!payload.sound) return;
  std::string again;
  for (auto const& packet : payload.packets) v3::append_to_binary_payload(again, packet.kind, {}, packet.bytes);
  CHORUS_CHECK(read<v3::BinaryPayloadReader>(again).packets == payload.packets, "a payload changed on its way");
}

}  // namespace

/// The first byte chooses the form.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  data[0] == 'b' ? check_binary(bytes) : check_text(bytes);
  return 0;
}
