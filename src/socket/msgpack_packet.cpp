#include "socket/msgpack_packet.hpp"

#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/msgpack_reader.hpp"
#include "base/msgpack_writer.hpp"
#include "base/utf8.hpp"

namespace chorus::socket {
namespace {

using Failure = std::optional<PacketError>;

PacketError packet_error(MsgpackError error) {
  switch (error) {
    case MsgpackError::too_many_attachments:
      return PacketError::too_many_attachments;
    case MsgpackError::bad_placeholder:
      return PacketError::illegal_attachments;
    case MsgpackError::bad_msgpack:
    case MsgpackError::bad_json:
    case MsgpackError::bad_text:
    case MsgpackError::bad_key:
    case MsgpackError::no_array:
    case MsgpackError::too_deep:
    case MsgpackError::too_big:
      break;
  }
  return PacketError::bad_msgpack;
}

/// Reads a packet's members, each by a step that returns the error that ends it, if any.
class MsgpackDecoder {
 public:
  MsgpackDecoder(Bytes message, PacketLimits const& limits) : message_(message), limits_(limits) {}

  Failure run() {
    auto failure = members();
    if (!failure) failure = type();
    if (!failure) failure = nsp();
    if (!failure) failure = ack_id();
    if (!failure) failure = payload();
    return failure;
  }

  ReceivedPacket take() { return ReceivedPacket(packet_, std::move(owned_)); }

 private:
  /// Of repeated ones the last counts.
  Failure members() {
    msgpack::MapReader reader(message_);
    while (auto const member = reader.next()) {
      if (member->name == "type") type_ = member->value;
      if (member->name == "data") data_ = member->value;
      if (member->name == "nsp") nsp_ = member->value;
      if (member->name == "id") id_ = member->value;
    }
    if (!reader.at_end()) return PacketError::bad_msgpack;
    return std::nullopt;
  }

  /// Of a value that is there: that it is whole, its member's reader has seen.
  static msgpack::Token token(Bytes value) { return *msgpack::Reader(value).next(); }
  static bool is_missing(Bytes value) { return value.empty() || msgpack::is_undefined(token(value)); }

  Failure type() {
    constexpr auto last = static_cast<std::uint64_t>(PacketType::connect_error);
    auto const type = is_missing(type_) ? msgpack::Token() : token(type_);
    if (type.kind != msgpack::Kind::integer || type.unsigned_integer > last) return PacketError::unknown_type;
    packet_.type = static_cast<PacketType>(type.unsigned_integer);
    return std::nullopt;
  }

  /// Names without "/" first belong to dynamic namespaces as such, and ',' ends a name in JSON.
  Failure nsp() {
    auto const nsp = is_missing(nsp_) ? msgpack::Token() : token(nsp_);
    bool const is_name = nsp.kind == msgpack::Kind::string && nsp.bytes.starts_with('/') &&
                         nsp.bytes.find(',') == Bytes::npos && is_utf8(nsp.bytes);
    return is_name ? take_namespace(packet_, nsp.bytes, limits_) : PacketError::bad_namespace;
  }

  Failure ack_id() {
    if (is_missing(id_)) return packet_.is_ack() ? Failure(PacketError::missing_ack_id) : std::nullopt;
    auto const id = token(id_);
    bool const fits =
        (id.kind == msgpack::Kind::integer && id.integer >= 0) || id.kind == msgpack::Kind::unsigned_integer;
    if (!fits) return PacketError::bad_ack_id;
    packet_.ack_id = id.unsigned_integer;
    return std::nullopt;
  }

  Failure payload() {
    bool const may_be_missing = packet_.type == PacketType::connect || packet_.type == PacketType::disconnect;
    if (is_missing(data_)) return may_be_missing ? std::nullopt : Failure(PacketError::invalid_payload);
    auto args = json_of_msgpack(data_, {.depth_max = limits_.depth_max, .attachments_max = limits_.attachments_max});
    if (!args) return packet_error(args.error());
    if (!args->attachments.empty() && message_.size() > limits_.packet_bytes_max) return PacketError::packet_too_big;
    owned_ = std::make_unique<OwnedArgs const>(std::move(*args));
    return owned_->attachments.empty() ? take_payload(packet_, owned_->text, limits_) : payload_with_attachments();
  }

  Failure payload_with_attachments() {
    if (!packet_.is_event() && !packet_.is_ack()) return PacketError::invalid_payload;
    packet_.type = packet_.is_event() ? PacketType::binary_event : PacketType::binary_ack;
    packet_.attachments = static_cast<unsigned>(owned_->attachments.size());
    return take_payload(packet_, owned_->text, limits_);
  }

  Bytes const message_;
  PacketLimits const& limits_;
  Bytes type_, data_, nsp_, id_;  // empty: missing
  PacketView packet_;
  std::unique_ptr<OwnedArgs const> owned_;
};

/// What a packet can come to, when no attachment is named more often than usual.
std::size_t msgpack_bytes_max(Bytes text, std::span<Bytes const> attachments) {
  constexpr std::size_t growth_max = 3;  // "0.5", and nine bytes
  std::size_t size = MsgpackLimits().bytes_max + growth_max * text.size();
  for (Bytes const data : attachments) size += data.size();
  return size;
}

PacketType without_attachments(PacketType type) {
  if (type == PacketType::binary_event) return PacketType::event;
  return type == PacketType::binary_ack ? PacketType::ack : type;
}

}  // namespace

Result<ReceivedPacket, PacketError> decode_msgpack(Bytes message, PacketLimits const& limits) {
  MsgpackDecoder decoder(message, limits);
  if (auto const failure = decoder.run()) return *failure;
  return decoder.take();
}

Result<void, MsgpackError> append_msgpack_packet(std::string& out, Bytes text, std::span<Bytes const> attachments) {
  auto const packet = decode(text, PacketLimits::none());
  if (!packet) return MsgpackError::bad_json;
  std::size_t const begin = out.size();
  msgpack::append_map_head(out, std::size_t{2} + (packet->payload.empty() ? 0 : 1) + (packet->ack_id ? 1 : 0));
  msgpack::append_string(out, "type");
  msgpack::append_integer(out, static_cast<std::uint64_t>(without_attachments(packet->type)));
  if (!packet->payload.empty()) {
    msgpack::append_string(out, "data");
    MsgpackLimits const limits{.depth_max = json::nesting_cap, .bytes_max = msgpack_bytes_max(text, attachments)};
    if (auto const written = append_msgpack(out, packet->payload, attachments, limits); !written) {
      out.resize(begin);
      return written;
    }
  }
  msgpack::append_string(out, "nsp");
  msgpack::append_string(out, packet->nsp);
  if (packet->ack_id) {
    msgpack::append_string(out, "id");
    msgpack::append_integer(out, *packet->ack_id);
  }
  return {};
}

std::optional<Bytes> msgpack_of(Bytes text, std::span<Bytes const> attachments) {
  thread_local std::string packet;
  packet.clear();
  if (auto const appended = append_msgpack_packet(packet, text, attachments); !appended) {
    log(LogLevel::warning, "packet_not_for_msgpack", {{"why", to_text(appended.error())}});
    return std::nullopt;
  }
  return packet;
}

std::shared_ptr<engine::SharedMessage const> const& msgpack_form(engine::SharedMessage const& message) {
  return message.other_form([&]() -> std::shared_ptr<engine::SharedMessage const> {
    std::vector<Bytes> attachments(message.attachment_count());
    for (std::size_t i = 0; i < attachments.size(); ++i) attachments[i] = message.attachment(i);
    auto const packet = msgpack_of(message.text().substr(1), attachments);  // without Engine.IO's '4'
    return packet ? engine::SharedMessage::make_binary(*packet, message.compress()) : nullptr;
  });
}

}  // namespace chorus::socket
