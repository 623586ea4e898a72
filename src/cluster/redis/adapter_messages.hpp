// The messages of Socket.IO's standard Redis adapter (@socket.io/redis-adapter 8, `dist/index.js`): what Node's servers
// and emitters publish and what they expect to be answered, as values.
//
// Pure. Thread: any. What is appended has Node's bytes: its members in its order. What is decoded may come from
// anybody: every fault is a WireError, memory is bounded by the message's size and by WireLimits. Rooms and users are
// keys here (socket/switchboard.hpp) and names on the wire (wire_rooms.hpp); a room that was given as a number is its
// text. Unknown members are ignored.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chorus/ack.hpp"
#include "cluster/redis/wire_error.hpp"
#include "socket/switchboard.hpp"

namespace chorus::cluster::redis {

// ---- Broadcasts: `[uid, {type:2, data, nsp}, {rooms, except, flags}]` in MessagePack, on a broadcast channel ----

/// Appends an event for `target`. `uid`: the publishing server's, six characters. `arguments`: a raw list such as
/// ArgsWriter::text(), perhaps empty. The flags volatile and compress:false are sent; `local` and `timeout` are not.
/// Failure: `out` is as before. bad_json, bad_placeholder and too_deep (arguments that are no valid list), too_big.
Result<void, WireError> append_broadcast(std::string& out, Bytes uid, socket::Target const& target, Bytes event,
                                         Bytes arguments, std::span<std::string const> attachments,
                                         WireLimits const& limits = {});

/// Who published it, without looking at the rest; empty when it is no broadcast. For dropping what one sent oneself.
Bytes sender_of(Bytes message);

/// A received broadcast whose event is not looked at yet: VIEWS into the message.
struct BroadcastView {
  Bytes uid;  ///< "emitter" for emitters
  socket::Target target;
  Bytes data;  ///< MessagePack, an array: the event's name and its arguments
};

/// Missing rooms, except, flags and nsp ("/") are tolerated; other packets than events are an unknown_type.
Result<BroadcastView, WireError> decode_broadcast(Bytes message, WireLimits const& limits = {});

/// The event for clients: `text` is `"name",<arguments>`, what stands between a packet's brackets.
/// See socket/msgpack_json.hpp for how values are converted, and what becomes of objects that look like placeholders.
Result<OwnedArgs, WireError> event_of(BroadcastView const& broadcast, WireLimits const& limits = {});

// ---- Requests: JSON, or MessagePack where the first byte is not '{', on the request channel ----

enum class RequestType : std::uint8_t {
  sockets = 0,           ///< ids of the target's sockets (from older servers)
  all_rooms = 1,         ///< names of all rooms
  join = 2,              ///< the target's sockets enter `rooms`
  leave = 3,             ///< … leave `rooms`
  disconnect = 4,        ///< … are disconnected
  fetch = 5,             ///< the target's sockets, described
  server_side_emit = 6,  ///< an event for the servers themselves
  broadcast = 7,         ///< an event for the target's sockets, who answer it
  client_count = 8,      ///< a response only: how many were sent a `broadcast`
  acknowledgement = 9,   ///< a response only: what one of them answered
};

/// A received request. Which namespace it is for is known by the channel.
struct Request {
  RequestType type = RequestType::sockets;
  /// The asking server; empty for emitters and older servers. Requests 2, 3 and 4 take effect on their sender by way
  /// of this message too; 6 does not.
  std::string uid;
  /// Raw JSON, to be sent back as it is; empty: no answer is wanted. 0, 1, 5 and 7 always want one.
  std::string request_id;
  socket::Target target;           ///< all but 1 and 6; its flags only for 7
  std::vector<std::string> rooms;  ///< 2, 3: keys
  /// 2, 3, 4: the form of older servers. The target is one socket by its id, and only the server that has it answers,
  /// with append_done_response().
  bool one_socket = false;
  bool close = false;  ///< 4: with the connection
  OwnedArgs event;     ///< 6, 7: `"name",<arguments>`; for 6 any list: servers have no reserved names
};

Result<Request, WireError> decode_request(Bytes nsp, Bytes message, WireLimits const& limits = {});

/// `{"uid":…,"type":2,"opts":{"rooms":[…],"except":[…]},"rooms":[…]}`; `rooms`: keys.
void append_join_request(std::string& out, Bytes uid, socket::Target const& target, std::span<std::string const> rooms);
void append_leave_request(std::string& out, Bytes uid, socket::Target const& target,
                          std::span<std::string const> rooms);
void append_disconnect_request(std::string& out, Bytes uid, socket::Target const& target, bool close);

/// `{"uid":…,"type":6,"data":["event",…]}`; `args`: without attachments, which this wire has no room for.
void append_server_side_request(std::string& out, Bytes uid, Bytes event, Bytes args);

// ---- Responses: JSON, on the response channel. `request_id`: as it came. ----

/// To 0: `{"requestId":…,"sockets":["id",…]}`.
void append_sockets_response(std::string& out, Bytes request_id, std::span<std::string const> socket_ids);
/// To 1: `{"requestId":…,"rooms":[…]}`; `rooms`: keys. A socket's own room, named by its id, is one of them in Node.
void append_rooms_response(std::string& out, Bytes request_id, std::span<std::string const> rooms);
/// To the older forms of 2, 3 and 4: `{"requestId":…}`.
void append_done_response(std::string& out, Bytes request_id);

/// A socket as another server is told of it.
struct SocketDescription {
  std::string id;
  std::string handshake_json;      ///< an object
  std::vector<std::string> rooms;  ///< keys, the socket's own room included
  std::string data_json = "{}";
};
/// To 5: `{"requestId":…,"sockets":[{"id":…,"handshake":{…},"rooms":[…],"data":{…}},…]}`.
void append_fetch_response(std::string& out, Bytes request_id, std::span<SocketDescription const> sockets);

/// To 6: `{"type":6,"requestId":…,"data":…}`; without "data" when there is none, as for a call-back without arguments.
void append_server_side_response(std::string& out, Bytes request_id, Bytes data_json = {});
/// To 7: `{"type":8,"requestId":…,"clientCount":…}`.
void append_client_count_response(std::string& out, Bytes request_id, std::uint64_t clients);

}  // namespace chorus::cluster::redis
