// One binary message as a packet of Socket.IO's msgpack parser: what is read is a packet in JSON as well, and goes back
// and forth without a change.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "socket/msgpack_packet.hpp"
#include "socket/packet_writer.hpp"

namespace {

using chorus::Bytes;
using namespace chorus::socket;

constexpr PacketLimits limits{.attachments_max = 5, .depth_max = 40, .packet_bytes_max = 2048};

/// The same in JSON, with its attachments behind it.
std::string text_of(PacketView const& packet) {
  std::string text;
  append_packet_head(text, packet.type, packet.nsp, packet.attachments, packet.ack_id);
  return text.append(packet.payload);
}

void check_same(PacketView const& one, PacketView const& other) {
  CHORUS_CHECK(one.type == other.type && one.nsp == other.nsp && one.ack_id == other.ack_id &&
                   one.attachments == other.attachments && one.payload == other.payload &&
                   one.event_name_raw == other.event_name_raw && one.arguments == other.arguments,
               "the same packet");
}

void check_packet(ReceivedPacket const& packet) {
  auto const& view = packet.view();
  CHORUS_CHECK(packet.attachments().size() == view.attachments, "as many attachments as the packet says");
  CHORUS_CHECK(view.attachments <= limits.attachments_max, "and no more than allowed");
  CHORUS_CHECK(view.payload.empty() || (chorus::is_utf8(view.payload) && chorus::json::is_valid(view.payload)),
               "the payload is valid JSON");
  CHORUS_CHECK(view.nsp.starts_with('/') && chorus::is_utf8(view.nsp), "the namespace is one of JSON's");

  auto const text = text_of(view);
  auto const in_json = decode(text, limits);
  CHORUS_CHECK(in_json, "it can be written in JSON");
  check_same(*in_json, view);

  std::vector<Bytes> const attachments(packet.attachments().begin(), packet.attachments().end());
  std::string message;
  CHORUS_CHECK(append_msgpack_packet(message, text, attachments), "and in MessagePack");
  auto const again = decode_msgpack(message, limits);
  bool const grew = message.size() > limits.packet_bytes_max;  // numbers in short forms that nobody writes
  CHORUS_CHECK(again || grew, "which can be read");
  if (!again) return;
  check_same(again->view(), view);
  CHORUS_CHECK(std::ranges::equal(again->attachments(), packet.attachments()), "with its attachments");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size > 4096) return 0;
  auto const block = std::make_unique<char[]>(size);
  Bytes(reinterpret_cast<char const*>(data), size).copy(block.get(), size);
  if (auto const packet = decode_msgpack(Bytes(block.get(), size), limits)) check_packet(*packet);
  return 0;
}
