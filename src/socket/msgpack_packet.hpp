// Socket.IO packets as npm's socket.io-msgpack-parser (3, protocol v5) writes and reads them: each is one binary
// message, a map `{type, data?, nsp, id?}` with the types 0 to 4; binaries stand where they belong.
//
// Pure. Thread: any. Here packets are JSON and attachments all the way, and MessagePack at the client only. So what a
// packet may be is judged by the same code, and a broadcast is encoded once for each of the two, the second time from
// the first (see msgpack_json.hpp for what becomes of values).
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "engine/shared_message.hpp"
#include "socket/msgpack_json.hpp"
#include "socket/packet.hpp"

namespace chorus::socket {

/// Reads one binary message. The namespace of what is returned points into it.
///
/// Payloads as the reference's parser judges them: connect none or a map, disconnect none, event and ack an array,
/// connect_error a string or a map; a member that is `undefined` is not there, unknown ones are ignored. Stricter than
/// it, as decode() is: events have a name that is a string or number and none of the reserved ones, ids are no negative
/// numbers, an ack has one, text is UTF-8; and a namespace is one that JSON can name. Only events and acks have
/// binaries, at most attachments_max: with more of them it could not be passed on to clients of JSON.
Result<ReceivedPacket, PacketError> decode_msgpack(Bytes message, PacketLimits const& limits = {});

/// Appends the packet that a text of JSON and its attachments are, of Chorus' own making.
/// Failure: `out` is as before; bad_json, bad_placeholder, too_deep, too_big.
Result<void, MsgpackError> append_msgpack_packet(std::string& out, Bytes text, std::span<Bytes const> attachments);

/// The same in memory of this thread, until it asks again. Nothing: it cannot be (RawJson that is none, or nests too
/// deep), which is logged.
std::optional<Bytes> msgpack_of(Bytes text, std::span<Bytes const> attachments);
/// The same of a message to many: made when somebody first asks. nullptr: it cannot be.
std::shared_ptr<engine::SharedMessage const> const& msgpack_form(engine::SharedMessage const& message);

}  // namespace chorus::socket
