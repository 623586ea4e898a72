#include "socket/packet_writer.hpp"

#include "base/check.hpp"

namespace chorus::socket {
namespace {

/// The type that tells the receiver to wait for attachments; other packets never have any.
PacketType wire_type(PacketType type, unsigned attachments) {
  switch (type) {
    case PacketType::event:
    case PacketType::binary_event:
      return attachments > 0 ? PacketType::binary_event : PacketType::event;
    case PacketType::ack:
    case PacketType::binary_ack:
      return attachments > 0 ? PacketType::binary_ack : PacketType::ack;
    case PacketType::connect:
    case PacketType::disconnect:
    case PacketType::connect_error:
      break;
  }
  CHORUS_DCHECK(attachments == 0, "only events and acks have attachments");
  return type;
}

}  // namespace

void append_packet_head(std::string& out, PacketType type, Bytes nsp, unsigned attachments,
                        std::optional<std::uint64_t> ack_id) {
  out += static_cast<char>('0' + static_cast<int>(wire_type(type, attachments)));
  if (attachments > 0) {
    json::append_number(out, std::uint64_t{attachments});
    out += '-';
  }
  if (nsp != "/") {
    out += nsp;
    out += ',';
  }
  if (ack_id) json::append_number(out, *ack_id);
}

void append_connect(std::string& out, Bytes nsp, Bytes socket_id, Bytes recovery_id) {
  append_packet_head(out, PacketType::connect, nsp);
  out += "{\"sid\":";
  json::append_string(out, socket_id);
  if (!recovery_id.empty()) {
    out += ",\"pid\":";
    json::append_string(out, recovery_id);
  }
  out += '}';
}

void append_connect_v4(std::string& out, Bytes nsp) { append_packet_head(out, PacketType::connect, nsp); }

void append_connect_error(std::string& out, Bytes nsp, Bytes message, Bytes data_json) {
  append_packet_head(out, PacketType::connect_error, nsp);
  out += "{\"message\":";
  json::append_string(out, message);
  if (!data_json.empty()) {
    out += ",\"data\":";
    out += data_json;
  }
  out += '}';
}

void append_connect_error_v4(std::string& out, Bytes nsp, Bytes message, Bytes data_json) {
  append_packet_head(out, PacketType::connect_error, nsp);
  if (data_json.empty()) {
    json::append_string(out, message);
  } else {
    out += data_json;
  }
}

void append_disconnect(std::string& out, Bytes nsp) { append_packet_head(out, PacketType::disconnect, nsp); }

void append_event(std::string& out, Bytes nsp, Bytes name, Bytes arguments, unsigned attachments,
                  std::optional<std::uint64_t> ack_id) {
  append_packet_head(out, PacketType::event, nsp, attachments, ack_id);
  out += '[';
  json::append_string(out, name);
  if (!arguments.empty()) {
    out += ',';
    out += arguments;
  }
  out += ']';
}

void append_ack(std::string& out, Bytes nsp, std::uint64_t ack_id, Bytes arguments, unsigned attachments) {
  append_packet_head(out, PacketType::ack, nsp, attachments, ack_id);
  out += '[';
  out += arguments;
  out += ']';
}

}  // namespace chorus::socket
