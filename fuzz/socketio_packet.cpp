// Socket.IO messages as a session sees them, separated by U+001E as in a polling payload: one that begins with 'b' is
// an attachment, every other a text. What is decoded can be walked, and encoded and decoded to the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "chorus/args.hpp"
#include "socket/packet_writer.hpp"

namespace {

using chorus::Args;
using chorus::ArgView;
using chorus::Bytes;
using namespace chorus::socket;

/// Asks every value for every type: none may read outside the packet, whatever stands there.
void walk(ArgView view) {
  view.as<int>();
  view.as<double>();
  view.as<std::string>();
  view.as<chorus::Binary>();
  view.as<std::vector<std::optional<bool>>>();
  view.as<std::map<std::string, chorus::RawJson>>();
  view.as<std::pair<std::string, int>>();
  for (chorus::ArrayCursor cursor(view); auto const element = cursor.next();) walk(*element);
  for (chorus::ObjectCursor cursor(view); auto const member = cursor.next();) {
    CHORUS_CHECK(!view[member->key].is_missing(), "a member that was walked is found by its name");
    walk(member->value);
  }
}

void check_arguments(ReceivedPacket const& packet) {
  auto const& view = packet.view();
  Args const args(view.arguments, packet.attachments());
  std::size_t const count = args.size();
  for (std::size_t i = 0; i < count; ++i) {
    CHORUS_CHECK(!args[i].is_missing(), "every argument that is counted is there");
    if (view.arguments.size() < 512) walk(args[i]);  // members are looked up again: quadratic
  }
  CHORUS_CHECK(args[count].is_missing(), "and none behind the last");
}

void check_round_trip(PacketView const& packet) {
  std::string text;
  append_packet_head(text, packet.type, packet.nsp, packet.attachments, packet.ack_id);
  text += packet.payload;
  auto const again = decode(text);
  CHORUS_CHECK(again, "what was decoded can be written and decoded");
  CHORUS_CHECK(again->type == packet.type && again->nsp == packet.nsp && again->ack_id == packet.ack_id &&
                   again->attachments == packet.attachments && again->payload == packet.payload &&
                   again->event_name_raw == packet.event_name_raw && again->arguments == packet.arguments,
               "to the same packet");
  if (packet.is_event() && !packet.payload.empty()) {
    std::string name;
    std::string event;
    append_event(event, packet.nsp, packet.event_name(name), packet.arguments, packet.attachments, packet.ack_id);
    CHORUS_CHECK(decode(event, {.event_name_bytes_max = event.size()}).value().arguments == packet.arguments,
                 "an event of the same arguments");
  }
}

/// A copy of exactly its size, thrown away after the call: views into it must not be kept.
void feed(PacketAssembler& assembler, Bytes message) {
  bool const binary = message.starts_with('b');
  if (!binary && !chorus::is_utf8(message)) return;
  auto const block = std::make_unique<char[]>(message.size());
  message.copy(block.get(), message.size());
  Bytes const exact(block.get(), message.size());
  auto const received = binary ? assembler.on_binary(exact.substr(1)) : assembler.on_text(exact);
  if (!received) {
    CHORUS_CHECK(!assembler.assembling() && assembler.bytes_held() == 0, "nothing is kept after an error");
    return;
  }
  if (!*received) return;
  auto const& packet = **received;
  CHORUS_CHECK(packet.attachments().size() == packet.view().attachments, "as many attachments as announced");
  check_round_trip(packet.view());
  check_arguments(packet);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  Bytes rest(reinterpret_cast<char const*>(data), size);
  PacketAssembler assembler;
  for (;;) {
    auto const end = std::min(rest.find('\x1e'), rest.size());
    feed(assembler, rest.substr(0, end));
    if (end == rest.size()) return 0;
    rest.remove_prefix(end + 1);
  }
}
