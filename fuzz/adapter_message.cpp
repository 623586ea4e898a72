// A namespace, a newline, a message: as somebody might publish it where Socket.IO's servers meet. What is decoded can
// be encoded and decoded to the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "cluster/redis/adapter_messages.hpp"

namespace {

using chorus::Bytes;
namespace json = chorus::json;
using namespace chorus::cluster::redis;

bool equal(chorus::socket::Target const& a, chorus::socket::Target const& b) {
  return a.nsp == b.nsp && a.rooms == b.rooms && a.except == b.except && a.is_volatile == b.is_volatile &&
         a.compress == b.compress;
}

void check_broadcast(Bytes message) {
  auto const decoded = decode_broadcast(message);
  if (!decoded) return;
  CHORUS_CHECK(sender_of(message) == decoded->uid, "the sender is seen at once");
  auto const event = event_of(*decoded);
  if (!event) return;
  CHORUS_CHECK(chorus::is_utf8(event->text) && json::is_valid('[' + event->text + ']'), "an event is valid JSON");
  auto list = json::ArrayReader::of_list(event->text);
  auto const name = json::to_string(list.next().value());
  if (!name) return;  // a number
  Bytes const arguments = Bytes(event->text).substr(std::min(list.position() + 1, event->text.size()));
  std::string written;
  CHORUS_CHECK(append_broadcast(written, decoded->uid, decoded->target, *name, arguments, event->attachments),
               "a decoded broadcast can be written");
  auto const again = decode_broadcast(written);
  CHORUS_CHECK(again && again->uid == decoded->uid && equal(again->target, decoded->target), "and decoded to the same");
  auto const event_again = event_of(*again);
  CHORUS_CHECK(event_again && event_again->text == event->text && event_again->attachments == event->attachments,
               "event");
}

void check_request(Bytes nsp, Bytes message) {
  auto const decoded = decode_request(nsp, message);
  if (!decoded) return;
  std::string written;
  switch (decoded->type) {
    case RequestType::join:
      append_join_request(written, decoded->uid, decoded->target, decoded->rooms);
      break;
    case RequestType::leave:
      append_leave_request(written, decoded->uid, decoded->target, decoded->rooms);
      break;
    case RequestType::disconnect:
      append_disconnect_request(written, decoded->uid, decoded->target, decoded->close);
      break;
    case RequestType::server_side_emit:
    case RequestType::broadcast:
      CHORUS_CHECK(json::is_valid('[' + decoded->event.text + ']'), "an event is valid JSON");
      return;
    default:
      append_done_response(written, decoded->request_id);
      CHORUS_CHECK(json::is_valid(written), "an answer is valid JSON");
      return;
  }
  auto const again = decode_request(nsp, written);
  CHORUS_CHECK(again && again->type == decoded->type && again->uid == decoded->uid && again->rooms == decoded->rooms &&
                   again->close == decoded->close && again->target.rooms == decoded->target.rooms &&
                   again->target.except == decoded->target.except,
               "a decoded request can be written and decoded to the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size > 8192) return 0;
  Bytes const input(reinterpret_cast<char const*>(data), size);
  auto const newline = std::min(input.find('\n'), input.size());
  Bytes const line = input.substr(0, newline);
  Bytes const nsp = line.starts_with('/') && chorus::is_utf8(line) ? line : "/";  // a registry admits no other
  Bytes const message = input.substr(std::min(newline + 1, input.size()));
  check_broadcast(message);
  check_request(nsp, message);
  return 0;
}
