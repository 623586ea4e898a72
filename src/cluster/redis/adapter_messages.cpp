#include "cluster/redis/adapter_messages.hpp"

#include <algorithm>
#include <optional>

#include "base/json.hpp"
#include "base/msgpack_reader.hpp"
#include "base/msgpack_writer.hpp"
#include "base/utf8.hpp"
#include "chorus/audience.hpp"
#include "cluster/redis/wire_rooms.hpp"
#include "socket/msgpack_json.hpp"
#include "socket/packet.hpp"

namespace chorus::cluster::redis {
namespace {

using Outcome = Result<void, WireError>;
using Keys = std::vector<std::string>;

// ---- Broadcasts ----

bool is_event(std::optional<std::int64_t> type) {
  return type == static_cast<int>(socket::PacketType::event) ||
         type == static_cast<int>(socket::PacketType::binary_event);
}

void append_room_names(std::string& out, std::span<std::string const> keys) {
  msgpack::append_array_head(out, keys.size());
  for (auto const& key : keys) msgpack::append_string(out, to_wire(key));
}

/// `{rooms, except, flags}` as socket.io's BroadcastOperator fills it.
void append_options(std::string& out, socket::Target const& target) {
  msgpack::append_map_head(out, 3);
  msgpack::append_string(out, "rooms");
  append_room_names(out, target.rooms);
  msgpack::append_string(out, "except");
  append_room_names(out, target.except);
  msgpack::append_string(out, "flags");
  msgpack::append_map_head(out, (target.is_volatile ? 1 : 0) + (target.compress ? 0 : 1));
  if (target.is_volatile) {
    msgpack::append_string(out, "volatile");
    msgpack::append_boolean(out, true);
  }
  if (!target.compress) {
    msgpack::append_string(out, "compress");
    msgpack::append_boolean(out, false);
  }
}

/// The text of a room that may have been given as a number.
Outcome add_room(Keys& keys, msgpack::Token const& token) {
  std::string digits;
  switch (token.kind) {
    case msgpack::Kind::string:
      if (!is_utf8(token.bytes)) return WireError::bad_text;
      keys.push_back(from_wire(token.bytes));
      return {};
    case msgpack::Kind::integer:
      json::append_number(digits, token.integer);
      break;
    case msgpack::Kind::unsigned_integer:
      json::append_number(digits, token.unsigned_integer);
      break;
    case msgpack::Kind::floating:
      json::append_number(digits, token.floating);
      break;
    default:
      return WireError::bad_shape;  // left out, it would widen who is meant
  }
  keys.push_back(from_wire(digits));
  return {};
}

Outcome read_rooms(Keys& keys, Bytes value, WireLimits const& limits) {
  msgpack::Reader reader(value);
  auto const head = reader.next();
  keys.clear();
  if (head->kind == msgpack::Kind::nil) return {};
  if (head->kind != msgpack::Kind::array) return WireError::bad_shape;
  if (head->count > limits.rooms_max) return WireError::too_many_rooms;
  keys.reserve(head->count);
  for (std::size_t i = 0; i < head->count; ++i) {
    if (auto const added = add_room(keys, *reader.next()); !added) return added;
  }
  return {};
}

/// Calls `member(name, value)` with the members of a map that lies whole in `value`.
template <class Member>
Outcome for_each_member(Bytes value, Member member) {
  msgpack::MapReader members(value);
  if (!members.is_map()) return WireError::bad_shape;
  while (auto const each = members.next())
    if (auto const read = member(each->name, each->value); !read) return read;
  return {};
}

Outcome read_flags(socket::Target& target, Bytes value) {
  if (msgpack::Reader(value).next()->kind == msgpack::Kind::nil) return {};
  return for_each_member(value, [&target](Bytes name, Bytes content) -> Outcome {
    auto const flag = *msgpack::Reader(content).next();
    if (flag.kind != msgpack::Kind::boolean) return {};
    if (name == "volatile") target.is_volatile = flag.boolean;
    if (name == "compress") target.compress = flag.boolean;
    return {};
  });
}

Outcome read_options(socket::Target& target, Bytes value, WireLimits const& limits) {
  return for_each_member(value, [&](Bytes name, Bytes content) -> Outcome {
    if (name == "rooms") return read_rooms(target.rooms, content, limits);
    if (name == "except") return read_rooms(target.except, content, limits);
    if (name == "flags") return read_flags(target, content);
    return {};
  });
}

Outcome read_packet(BroadcastView& broadcast, Bytes value) {
  std::optional<std::int64_t> type;
  broadcast.target.nsp = "/";
  auto const read = for_each_member(value, [&](Bytes name, Bytes content) -> Outcome {
    auto const token = *msgpack::Reader(content).next();
    if (name == "type" && token.kind == msgpack::Kind::integer) type = token.integer;
    if (name == "data" && token.kind == msgpack::Kind::array) broadcast.data = content;
    if (name != "nsp" || token.kind == msgpack::Kind::nil) return {};
    if (token.kind != msgpack::Kind::string) return WireError::bad_shape;
    if (!is_utf8(token.bytes)) return WireError::bad_text;
    broadcast.target.nsp = token.bytes;
    return {};
  });
  if (!read) return read;
  if (!is_event(type)) return WireError::unknown_type;
  return broadcast.data.empty() ? Outcome(WireError::bad_shape) : Outcome();
}

/// Whether clients would take a raw list for an event (Socket.IO v5, "Packet encoding"; else they close).
bool begins_with_event_name(Bytes list) {
  auto const name = json::ArrayReader::of_list(list).next();
  if (!name) return false;
  auto const text = json::to_string(*name);
  return text ? !is_reserved_event(*text) : json::kind(*name) == json::Kind::number;
}

// ---- Requests ----

/// A JSON string or number as text.
std::optional<std::string> text_of(Bytes raw) {
  if (json::kind(raw) != json::Kind::number) return json::to_string(raw);
  std::string digits;
  if (auto const integer = json::to_int64(raw)) {
    json::append_number(digits, *integer);
  } else if (auto const number = json::to_double(raw)) {
    json::append_number(digits, *number);
  } else {
    return std::nullopt;
  }
  return digits;
}

/// Empty for a member that is missing or null, which is the same to everybody.
Bytes member(Bytes object, Bytes name) {
  auto const value = json::find(object, name);
  return value && !json::is_null(*value) ? *value : Bytes();
}

Bytes list_in(Bytes array) { return array.substr(1, array.size() - 2); }

/// What travels as a JSON request, in JSON, with the attachments it had as MessagePack.
class RequestReader {
 public:
  RequestReader(Bytes nsp, OwnedArgs message, WireLimits const& limits)
      : message_(std::move(message)), limits_(limits) {
    request_.target.nsp = nsp;
  }

  Result<Request, WireError> run() {
    Bytes const text = message_.text;
    auto const type = json::to_int64(member(text, "type"));
    if (json::kind(text) != json::Kind::object || !type) return WireError::bad_shape;
    if (*type < 0 || *type > static_cast<int>(RequestType::broadcast)) return WireError::unknown_type;
    request_.type = static_cast<RequestType>(*type);
    request_.uid = json::to_string(member(text, "uid")).value_or(std::string());
    if (auto const id = read_id(); !id) return id.error();
    if (auto const body = read_body(); !body) return body.error();
    return std::move(request_);
  }

 private:
  Outcome read_id() {
    Bytes const id = member(message_.text, "requestId");
    auto const kind = json::kind(id);
    request_.request_id = id;
    if (kind == json::Kind::string || kind == json::Kind::number) return {};
    return kind == json::Kind::missing ? Outcome() : Outcome(WireError::bad_shape);
  }

  Outcome read_body() {
    bool const wants_answer = !request_.request_id.empty();
    switch (request_.type) {
      case RequestType::sockets:
        return wants_answer ? read_rooms(request_.target.rooms, message_.text) : WireError::bad_shape;
      case RequestType::all_rooms:
        return wants_answer ? Outcome() : WireError::bad_shape;
      case RequestType::join:
      case RequestType::leave:
        return read_move();
      case RequestType::disconnect:
        request_.close = member(message_.text, "close") == "true";
        return read_target_or_socket();
      case RequestType::fetch:
        return wants_answer ? read_options() : WireError::bad_shape;
      case RequestType::server_side_emit:
        return read_event(message_.text);
      case RequestType::broadcast:
        return wants_answer ? read_broadcast() : WireError::bad_shape;
      case RequestType::client_count:
      case RequestType::acknowledgement:
        break;
    }
    return WireError::unknown_type;
  }

  /// Its `rooms`, or `room` in the older form.
  Outcome read_move() {
    if (auto const who = read_target_or_socket(); !who) return who;
    if (!request_.one_socket) return read_rooms(request_.rooms, message_.text);
    auto const room = text_of(member(message_.text, "room"));
    if (!room) return WireError::bad_shape;
    request_.rooms.push_back(from_wire(*room));
    return {};
  }

  Outcome read_target_or_socket() {
    if (!member(message_.text, "opts").empty()) return read_options();
    auto const id = json::to_string(member(message_.text, "sid"));
    if (!id) return WireError::bad_shape;
    request_.one_socket = true;
    request_.target.rooms.push_back(socket::room_key(*id));
    return {};
  }

  Outcome read_options() {
    Bytes const options = member(message_.text, "opts");
    if (json::kind(options) != json::Kind::object) return WireError::bad_shape;
    if (auto const rooms = read_rooms(request_.target.rooms, options); !rooms) return rooms;
    return read_rooms(request_.target.except, options, "except");
  }

  Outcome read_rooms(Keys& keys, Bytes object, Bytes name = "rooms") {
    Bytes const rooms = member(object, name);
    if (rooms.empty()) return {};
    if (json::kind(rooms) != json::Kind::array) return WireError::bad_shape;
    json::ArrayReader reader(rooms);
    while (auto const room = reader.next()) {
      auto const text = text_of(*room);
      if (!text) return WireError::bad_shape;
      if (keys.size() == limits_.rooms_max) return WireError::too_many_rooms;
      keys.push_back(from_wire(*text));
    }
    return {};
  }

  Outcome read_event(Bytes object) {
    Bytes const data = member(object, "data");
    if (json::kind(data) != json::Kind::array) return WireError::bad_shape;
    request_.event = {.text = std::string(list_in(data)), .attachments = std::move(message_.attachments)};
    return {};
  }

  Outcome read_broadcast() {
    Bytes const packet = member(message_.text, "packet");
    if (!is_event(json::to_int64(member(packet, "type")))) return WireError::unknown_type;
    if (auto const options = read_options(); !options) return options;
    Bytes const flags = member(member(message_.text, "opts"), "flags");
    request_.target.is_volatile = member(flags, "volatile") == "true";
    request_.target.compress = member(flags, "compress") != "false";
    if (auto const event = read_event(packet); !event) return event;
    return begins_with_event_name(request_.event.text) ? Outcome() : WireError::bad_event_name;
  }

  OwnedArgs message_;
  WireLimits const& limits_;
  Request request_;
};

// ---- Writing JSON ----

void append_list(std::string& out, std::span<std::string const> texts, std::string (*name)(Bytes)) {
  out += '[';
  for (auto const& text : texts) {
    if (&text != texts.data()) out += ',';
    json::append_string(out, name(text));
  }
  out += ']';
}

std::string unchanged(Bytes text) { return std::string(text); }

/// `{"uid":…,"type":…,"opts":{…}`, without the end.
void append_request_head(std::string& out, Bytes uid, RequestType type, socket::Target const& target) {
  out += R"({"uid":)";
  json::append_string(out, uid);
  out += R"(,"type":)";
  json::append_number(out, static_cast<std::uint64_t>(type));
  out += R"(,"opts":{"rooms":)";
  append_list(out, target.rooms, to_wire);
  out += R"(,"except":)";
  append_list(out, target.except, to_wire);
  out += '}';
}

void append_move_request(std::string& out, Bytes uid, RequestType type, socket::Target const& target,
                         std::span<std::string const> rooms) {
  append_request_head(out, uid, type, target);
  out += R"(,"rooms":)";
  append_list(out, rooms, to_wire);
  out += '}';
}

/// `{"requestId":…`, without the end.
void append_response_head(std::string& out, Bytes request_id) { out.append(R"({"requestId":)").append(request_id); }

/// `{"type":…,"requestId":…`, without the end.
void append_response_head(std::string& out, RequestType type, Bytes request_id) {
  out += R"({"type":)";
  json::append_number(out, static_cast<std::uint64_t>(type));
  out.append(R"(,"requestId":)").append(request_id);
}

}  // namespace

Outcome append_broadcast(std::string& out, Bytes uid, socket::Target const& target, Bytes event, Bytes arguments,
                         std::span<std::string const> attachments, WireLimits const& limits) {
  std::size_t const begin = out.size();
  msgpack::append_array_head(out, 3);
  msgpack::append_string(out, uid);
  msgpack::append_map_head(out, 3);
  msgpack::append_string(out, "type");
  msgpack::append_integer(out, static_cast<std::uint64_t>(socket::PacketType::event));
  msgpack::append_string(out, "data");
  std::vector<Bytes> const pieces(attachments.begin(), attachments.end());
  if (auto const written = socket::append_msgpack_event(out, event, arguments, pieces, limits.of_values()); !written) {
    out.resize(begin);
    return wire_error(written.error());
  }
  msgpack::append_string(out, "nsp");
  msgpack::append_string(out, target.nsp);
  append_options(out, target);
  return {};
}

Bytes sender_of(Bytes message) {
  msgpack::Reader reader(message);
  auto const head = reader.next();
  if (!head || head->kind != msgpack::Kind::array) return {};
  auto const uid = reader.next();
  return uid && uid->kind == msgpack::Kind::string ? uid->bytes : Bytes();
}

Result<BroadcastView, WireError> decode_broadcast(Bytes message, WireLimits const& limits) {
  msgpack::Reader whole(message);
  auto const value = whole.skip();
  if (!value || !whole.at_end()) return WireError::bad_msgpack;
  msgpack::Reader reader(*value);
  auto const head = *reader.next();
  if (head.kind != msgpack::Kind::array || head.count < 3) return WireError::bad_shape;
  auto const uid = *msgpack::Reader(*reader.skip()).next();
  if (uid.kind != msgpack::Kind::string) return WireError::bad_shape;
  BroadcastView broadcast{.uid = uid.bytes, .target = {}, .data = {}};
  if (auto const read = read_packet(broadcast, *reader.skip()); !read) return read.error();
  if (auto const read = read_options(broadcast.target, *reader.skip(), limits); !read) return read.error();
  return broadcast;
}

Result<OwnedArgs, WireError> event_of(BroadcastView const& broadcast, WireLimits const& limits) {
  auto event = socket::json_list_of_msgpack(broadcast.data, limits.of_values());
  if (!event) return wire_error(event.error());
  if (!begins_with_event_name(event->text)) return WireError::bad_event_name;
  return std::move(*event);
}

Result<Request, WireError> decode_request(Bytes nsp, Bytes message, WireLimits const& limits) {
  if (!message.starts_with('{')) {
    auto converted = socket::json_of_msgpack(message, limits.of_values());
    if (!converted) return wire_error(converted.error());
    return RequestReader(nsp, std::move(*converted), limits).run();
  }
  if (!is_utf8(message)) return WireError::bad_text;
  auto const end = json::scan_value(message, 0, limits.depth_max);
  if (!end || json::skip_space(message, *end) != message.size()) return WireError::bad_json;
  return RequestReader(nsp, {.text = std::string(message.substr(0, *end)), .attachments = {}}, limits).run();
}

void append_join_request(std::string& out, Bytes uid, socket::Target const& target,
                         std::span<std::string const> rooms) {
  append_move_request(out, uid, RequestType::join, target, rooms);
}

void append_leave_request(std::string& out, Bytes uid, socket::Target const& target,
                          std::span<std::string const> rooms) {
  append_move_request(out, uid, RequestType::leave, target, rooms);
}

void append_disconnect_request(std::string& out, Bytes uid, socket::Target const& target, bool close) {
  append_request_head(out, uid, RequestType::disconnect, target);
  out.append(R"(,"close":)").append(close ? "true}" : "false}");
}

void append_server_side_request(std::string& out, Bytes uid, Bytes event, Bytes args) {
  out.append(R"({"uid":)");
  json::append_string(out, uid);
  out.append(R"(,"type":6,"data":[)");
  json::append_string(out, event);
  if (!args.empty()) out.append(",").append(args);
  out.append("]}");
}

void append_sockets_response(std::string& out, Bytes request_id, std::span<std::string const> socket_ids) {
  append_response_head(out, request_id);
  out += R"(,"sockets":)";
  append_list(out, socket_ids, unchanged);
  out += '}';
}

void append_rooms_response(std::string& out, Bytes request_id, std::span<std::string const> rooms) {
  append_response_head(out, request_id);
  out += R"(,"rooms":)";
  append_list(out, rooms, to_wire);
  out += '}';
}

void append_done_response(std::string& out, Bytes request_id) {
  append_response_head(out, request_id);
  out += '}';
}

void append_fetch_response(std::string& out, Bytes request_id, std::span<SocketDescription const> sockets) {
  append_response_head(out, request_id);
  out += R"(,"sockets":[)";
  for (auto const& socket : sockets) {
    if (&socket != sockets.data()) out += ',';
    out += R"({"id":)";
    json::append_string(out, socket.id);
    out.append(R"(,"handshake":)").append(socket.handshake_json);
    out += R"(,"rooms":)";
    append_list(out, socket.rooms, to_wire);
    out.append(R"(,"data":)").append(socket.data_json).append(1, '}');
  }
  out += "]}";
}

void append_server_side_response(std::string& out, Bytes request_id, Bytes data_json) {
  append_response_head(out, RequestType::server_side_emit, request_id);
  if (!data_json.empty()) out.append(R"(,"data":)").append(data_json);
  out += '}';
}

void append_client_count_response(std::string& out, Bytes request_id, std::uint64_t clients) {
  append_response_head(out, RequestType::client_count, request_id);
  out += R"(,"clientCount":)";
  json::append_number(out, clients);
  out += '}';
}

}  // namespace chorus::cluster::redis
