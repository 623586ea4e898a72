#include "cluster/redis/wire_error.hpp"

namespace chorus::cluster::redis {

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
