#include "cluster/redis/wire_error.hpp"

namespace chorus::cluster::redis {

WireError wire_error(socket::MsgpackError error) {
  switch (error) {
    case socket::MsgpackError::bad_msgpack:
      return WireError::bad_msgpack;
    case socket::MsgpackError::bad_json:
      return WireError::bad_json;
    case socket::MsgpackError::bad_text:
      return WireError::bad_text;
    case socket::MsgpackError::bad_key:
      return WireError::bad_key;
    case socket::MsgpackError::no_array:
      return WireError::bad_shape;
    case socket::MsgpackError::bad_placeholder:
      return WireError::bad_placeholder;
    case socket::MsgpackError::too_deep:
      return WireError::too_deep;
    case socket::MsgpackError::too_many_attachments:
      return WireError::too_many_attachments;
    case socket::MsgpackError::too_big:
      return WireError::too_big;
  }
  return WireError::bad_msgpack;
}

Bytes to_text(WireError error) {
  switch (error) {
    case WireError::bad_msgpack:
      return "not one MessagePack value";
    case WireError::bad_json:
      return "not one JSON value";
    case WireError::bad_text:
      return "a string is not UTF-8";
    case WireError::bad_key:
      return "a map's key is neither a string nor an integer";
    case WireError::bad_shape:
      return "a member is missing or of another type";
    case WireError::bad_event_name:
      return "the event's name is neither string nor number, or reserved";
    case WireError::bad_placeholder:
      return "a placeholder without its attachment";
    case WireError::unknown_type:
      return "unknown type";
    case WireError::too_deep:
      return "too deep";
    case WireError::too_many_attachments:
      return "too many attachments";
    case WireError::too_many_rooms:
      return "too many rooms";
    case WireError::too_big:
      return "too big";
  }
  return "unknown error";
}

}  // namespace chorus::cluster::redis
