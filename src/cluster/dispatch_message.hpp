// What a dispatch is on its Redis channel: the origin system's JSON, with one member more.
//
//     {"event":"message_sent","id":"7","args":{…},"from":"<node>:<number>"}
//
// Pure. Thread: any. The origin's Node workers ignore `from`; by it a process knows its own messages. Without it a
// message is from one of those workers, or from anybody with a PUBLISH.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "socket/uplink.hpp"

namespace chorus::cluster {

std::string encode_dispatch(socket::Dispatch const& dispatch, Bytes node, std::uint64_t number);

/// It is what encode_dispatch() made for this node, seen by its end alone: what a process publishes comes back to it
/// and need not be read for that. False says nothing.
bool is_from(Bytes text, Bytes node);

/// Views of the text it was read from, as they stand there.
struct DispatchMessage {
  std::string user;  ///< the id as text, also where it came as a number
  Bytes id_json;     ///< what the envelope says
  Bytes event_json;  ///< a string
  Bytes args_json;   ///< empty: there are none
  Bytes node;        ///< who sent it; empty: not a node of Chorus
};

/// The envelope that the user's devices get: as the origin's workers write it, without who sent it.
void append_envelope(std::string& out, DispatchMessage const& message);

/// Nothing when it is no JSON object with an `event` (a string) and an `id` (a string or a number).
std::optional<DispatchMessage> decode_dispatch(Bytes text);

}  // namespace chorus::cluster
