// The names that rooms and users have on the wire of the Redis adapter, where there are only rooms.
//
// Pure. Inside, the first character of a key tells a room from a user (socket/switchboard.hpp). On the wire a room is
// its plain name, as Node's servers have it, and a user is the room "\x01user:" + id. A room whose own name begins with
// "\x01" travels as "\x01room:" + name: so a name that a client chose can never address a user.
#pragma once
#include <string>

#include "base/bytes.hpp"

namespace chorus::cluster::redis {

/// `key`: of a room or a user. from_wire(to_wire(key)) is the key again, and no two keys have one name.
std::string to_wire(Bytes key);

/// Any name has a key. A name that begins with "\x01" and that to_wire() would not have made is a room of another
/// program's, never a user.
std::string from_wire(Bytes name);

}  // namespace chorus::cluster::redis
