// Socket.IO packets as they go out (protocol v5, "Packet encoding"). Each function appends one packet's text.
//
// Pure. What is passed as JSON must be valid JSON, and a namespace one that a registry admitted ("/" first, no ','):
// both are ours, not a peer's. Attachments follow the text as binary messages of their own, without any other packet
// of the same session in between.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "socket/packet.hpp"

namespace chorus::socket {

/// Everything before the payload. An event or ack with attachments is written as its binary type, and one without
/// never: a `50-` packet would leave the reference decoder waiting.
void append_packet_head(std::string& out, PacketType type, Bytes nsp, unsigned attachments = 0,
                        std::optional<std::uint64_t> ack_id = std::nullopt);

/// `0/nsp,{"sid":"…"}`; `recovery_id` adds the member "pid" (connection state recovery).
void append_connect(std::string& out, Bytes nsp, Bytes socket_id, Bytes recovery_id = {});

/// `0/nsp,`: the admission in protocol v4 (v2 clients), which carries no id.
void append_connect_v4(std::string& out, Bytes nsp);

/// `4/nsp,{"message":"…"}`; `data_json` (raw JSON) adds the member "data".
void append_connect_error(std::string& out, Bytes nsp, Bytes message, Bytes data_json = {});

/// `4/nsp,"…"` or `4/nsp,<data_json>`: the refusal in protocol v4 (v2 clients), data in place of the message.
void append_connect_error_v4(std::string& out, Bytes nsp, Bytes message, Bytes data_json = {});

void append_disconnect(std::string& out, Bytes nsp);

/// `2/nsp,12["name",<arguments>]`. `arguments` is a raw list such as ArgsWriter::text(), perhaps empty.
void append_event(std::string& out, Bytes nsp, Bytes name, Bytes arguments, unsigned attachments = 0,
                  std::optional<std::uint64_t> ack_id = std::nullopt);

/// `3/nsp,12[<arguments>]`.
void append_ack(std::string& out, Bytes nsp, std::uint64_t ack_id, Bytes arguments, unsigned attachments = 0);

}  // namespace chorus::socket
