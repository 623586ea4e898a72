// What can be wrong with a message of the Redis adapter, and how much of one is too much.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "socket/msgpack_json.hpp"

namespace chorus::cluster::redis {

struct WireLimits {
  std::size_t depth_max = json::nesting_max;  ///< arrays and maps inside each other
  std::size_t attachments_max = 10;           ///< received binaries of one event: more than that, stock clients refuse
  std::size_t rooms_max = 100'000;            ///< rooms named by one received message, in each of its lists
  std::size_t message_bytes_max = 32u << 20;  ///< of an encoded message: one attachment may be named many times

  socket::MsgpackLimits of_values() const {
    return {.depth_max = depth_max, .attachments_max = attachments_max, .bytes_max = message_bytes_max};
  }
};

enum class WireError : std::uint8_t {
  bad_msgpack,      ///< not exactly one MessagePack value
  bad_json,         ///< not one JSON value
  bad_text,         ///< a string that is no UTF-8
  bad_key,          ///< a map's key is neither a string nor an integer
  bad_shape,        ///< a member of the message is missing or of another type
  bad_event_name,   ///< neither string nor number, or reserved: clients would end their connection
  bad_placeholder,  ///< names no attachment, or is a received object that would pass for one (socket/msgpack_json.hpp)
  unknown_type,     ///< of a request or a packet
  too_deep,         ///< more than depth_max
  too_many_attachments,  ///< more than attachments_max
  too_many_rooms,        ///< more than rooms_max
  too_big,               ///< more than message_bytes_max
};
CHORUS_ERROR_ENUM(WireError)

/// What is wrong with a message when this is wrong with a value in it.
WireError wire_error(socket::MsgpackError error);

/// A short English phrase for logs.
Bytes to_text(WireError error);

}  // namespace chorus::cluster::redis
