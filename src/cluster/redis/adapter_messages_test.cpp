#include "cluster/redis/adapter_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/json.hpp"
#include "cluster/redis/adapter_channels.hpp"
#include "cluster/redis/wire_rooms.hpp"
#include "socket/msgpack_json.hpp"
#include "support/hex_vectors.hpp"

namespace chorus::cluster::redis {
namespace {

using socket::room_key;
using socket::user_key;
using test::from_hex;
using test::from_hex_list;
using test::to_hex;
using test::Vector;
using test::vectors_of;
using testing::ElementsAre;
using testing::IsEmpty;

std::string names_of(std::vector<std::string> const& keys) {
  std::string text = "[";
  for (auto const& key : keys) {
    if (text.size() > 1) text += ',';
    json::append_string(text, to_wire(key));
  }
  return text + "]";
}

std::string flags_of(socket::Target const& target) {
  std::string text = target.is_volatile ? R"("volatile":true)" : "";
  if (!target.compress) text += text.empty() ? R"("compress":false)" : R"(,"compress":false)";
  return "{" + text + "}";
}

std::string channel_of(Vector const& vector) {
  std::string channel = vector.columns[0];
  if (auto const escape = channel.find("\\x01"); escape != std::string::npos) channel.replace(escape, 4, "\x01");
  return channel;
}

void expect_target(socket::Target const& target, Vector const& vector) {
  EXPECT_EQ(names_of(target.rooms), vector.field("rooms", "[]"));
  EXPECT_EQ(names_of(target.except), vector.field("except", "[]"));
  EXPECT_EQ(flags_of(target), vector.field("flags", "{}"));
}

/// A MessagePack message from JSON: for what no server sends.
std::string packed(Bytes json, std::vector<std::string> const& attachments = {}) {
  std::string out;
  std::vector<Bytes> const pieces(attachments.begin(), attachments.end());
  EXPECT_TRUE(socket::append_msgpack(out, json, pieces)) << json;
  return out;
}

WireError broadcast_error(Bytes json, WireLimits const& limits = {}) {
  auto const message = packed(json);
  auto const decoded = decode_broadcast(message, limits);
  if (!decoded) return decoded.error();
  auto const event = event_of(*decoded, limits);
  EXPECT_FALSE(event) << json;
  return event.error();
}

// ---- Broadcasts ----

TEST(AdapterMessages, reads_what_servers_and_emitters_broadcast) {
  auto const vectors = vectors_of("redis_adapter.txt", {"both", "in"});
  EXPECT_GT(vectors.size(), 25u);
  for (auto const& vector : vectors) {
    SCOPED_TRACE(vector.columns[1]);
    auto const message = from_hex(vector.columns[1]);
    auto const decoded = decode_broadcast(message);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->uid, vector.field("uid"));
    EXPECT_EQ(sender_of(message), vector.field("uid"));
    EXPECT_EQ(decoded->target.nsp, vector.field("nsp", "/"));
    expect_target(decoded->target, vector);
    auto const event = event_of(*decoded);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->text, vector.field("event"));
    EXPECT_EQ(event->attachments, from_hex_list(vector.field("attachments")));
    EXPECT_EQ(AdapterChannels().broadcast(decoded->target.nsp, decoded->target.rooms), channel_of(vector));
  }
}

TEST(AdapterMessages, writes_the_bytes_that_servers_write) {
  for (auto const& vector : vectors_of("redis_adapter.txt", {"both"})) {
    auto const message = from_hex(vector.columns[1]);
    auto const decoded = decode_broadcast(message).value();
    auto const event = event_of(decoded).value();
    auto list = json::ArrayReader::of_list(event.text);
    auto const name = json::to_string(list.next().value()).value();
    Bytes const arguments = Bytes(event.text).substr(std::min(list.position() + 1, event.text.size()));
    std::string out;
    ASSERT_TRUE(append_broadcast(out, decoded.uid, decoded.target, name, arguments, event.attachments));
    EXPECT_EQ(to_hex(out), vector.columns[1]);
  }
}

TEST(AdapterMessages, users_travel_as_rooms_that_no_client_can_name) {
  socket::Target target{
      .nsp = "/", .rooms = {user_key(UserId{"7"}), room_key("\x01user:7")}, .except = {user_key(UserId{"8"})}};
  std::string out;
  ASSERT_TRUE(append_broadcast(out, "abcdef", target, "x", "", {}));
  EXPECT_NE(out.find("\xa7\x01user:7"), std::string::npos);
  EXPECT_NE(out.find("\xad\x01room:\x01user:7"), std::string::npos);
  auto const decoded = decode_broadcast(out).value();
  EXPECT_EQ(decoded.target.rooms, target.rooms);
  EXPECT_EQ(decoded.target.except, target.except);
}

TEST(AdapterMessages, a_broadcast_that_cannot_be_written_leaves_nothing) {
  std::string out = "before";
  EXPECT_EQ(append_broadcast(out, "abcdef", {.nsp = "/"}, "x", "[", {}).error(), WireError::bad_json);
  EXPECT_EQ(append_broadcast(out, "abcdef", {.nsp = "/"}, "x", "[1,2,3]", {}, {.message_bytes_max = 4}).error(),
            WireError::too_big);
  EXPECT_EQ(out, "before");
}

TEST(AdapterMessages, what_is_missing_or_null_in_a_broadcast_has_its_usual_meaning) {
  for (Bytes const json :
       {R"(["emitter",{"type":2,"data":["x"]},{}])",
        R"(["emitter",{"type":2,"data":["x"],"nsp":null},{"rooms":null,"except":null,"flags":null}])",
        R"(["emitter",{"7":1,"type":5,"data":["x"],"id":9},{"other":[1]},"more"])",
        R"(["emitter",{"type":2,"data":["x"]},{"flags":{"volatile":1,"compress":"no","z":{}}}])"}) {
    auto const message = packed(json);
    auto const decoded = decode_broadcast(message);
    ASSERT_TRUE(decoded) << json;
    EXPECT_EQ(decoded->target.nsp, "/");
    EXPECT_THAT(decoded->target.rooms, IsEmpty());
    EXPECT_THAT(decoded->target.except, IsEmpty());
    EXPECT_EQ(flags_of(decoded->target), "{}");
    EXPECT_EQ(event_of(*decoded).value().text, "\"x\"");
  }
}

TEST(AdapterMessages, refuses_broadcasts_of_another_shape) {
  for (Bytes const json :
       {"1", "{}", "[]", R"(["u",{"type":2,"data":["x"]}])", R"([1,{"type":2,"data":["x"]},{}])", R"(["u",[],{}])",
        R"(["u",{"type":2,"data":["x"]},null])", R"(["u",{"type":2},{}])", R"(["u",{"type":2,"data":{}},{}])",
        R"(["u",{"type":2,"data":["x"],"nsp":7},{}])", R"(["u",{"type":2,"data":["x"]},{"rooms":"a"}])",
        R"(["u",{"type":2,"data":["x"]},{"rooms":[null]}])", R"(["u",{"type":2,"data":["x"]},{"except":[true]}])",
        R"(["u",{"type":2,"data":["x"]},{"flags":[]}])"}) {
    EXPECT_EQ(broadcast_error(json), WireError::bad_shape) << json;
  }
  for (Bytes const type : {"0", "3", "\"2\"", "null", "2.5"}) {
    EXPECT_EQ(broadcast_error(std::string(R"(["u",{"data":["x"],"type":)").append(type).append("},{}]")),
              WireError::unknown_type);
  }
}

TEST(AdapterMessages, refuses_events_that_would_end_the_clients_connections) {
  for (Bytes const data : {"[]", "[null]", "[[]]", "[true]", R"(["connect"])", R"(["disconnecting",1])"}) {
    EXPECT_EQ(broadcast_error(std::string(R"(["u",{"type":2,"data":)").append(data).append("},{}]")),
              WireError::bad_event_name)
        << data;
  }
}

TEST(AdapterMessages, refuses_a_broadcast_that_is_cut_anywhere_or_too_long) {
  for (auto const& vector : vectors_of("redis_adapter.txt", {"both"})) {
    auto const message = from_hex(vector.columns[1]);
    for (std::size_t size = 0; size < message.size(); size += 1 + size / 50) {
      auto const block = std::make_unique<char[]>(size);
      message.copy(block.get(), size);
      EXPECT_EQ(decode_broadcast(Bytes(block.get(), size)).error(), WireError::bad_msgpack);
    }
    EXPECT_EQ(decode_broadcast(message + '\xc0').error(), WireError::bad_msgpack);
  }
}

TEST(AdapterMessages, rooms_are_limited) {
  Bytes const json = R"(["u",{"type":2,"data":["x"]},{"rooms":["a","b"]}])";
  EXPECT_TRUE(decode_broadcast(packed(json), {.rooms_max = 2}));
  EXPECT_EQ(broadcast_error(json, {.rooms_max = 1}), WireError::too_many_rooms);
  Bytes const request = R"({"type":3,"opts":{},"rooms":["a","b"]})";
  EXPECT_TRUE(decode_request("/", request, {.rooms_max = 2}));
  EXPECT_EQ(decode_request("/", request, {.rooms_max = 1}).error(), WireError::too_many_rooms);
}

TEST(AdapterMessages, the_sender_is_seen_without_looking_at_the_rest) {
  EXPECT_EQ(sender_of(packed(R"(["abcdef"])") + "\xc1"), "abcdef");
  EXPECT_EQ(sender_of(packed(R"({"a":1})")), "");
  EXPECT_EQ(sender_of(packed("[1]")), "");
  EXPECT_EQ(sender_of(""), "");
}

// ---- Requests ----

std::string message_of(Vector const& vector) {
  return vector.columns[1].front() == '{' ? vector.columns[1] : from_hex(vector.columns[1]);
}

Bytes nsp_of_request_channel(Bytes channel) {
  Bytes const prefix = "socket.io-request#";
  EXPECT_TRUE(channel.starts_with(prefix) && channel.ends_with('#')) << channel;
  return channel.substr(prefix.size(), channel.size() - prefix.size() - 1);
}

TEST(AdapterMessages, reads_what_servers_and_emitters_request) {
  auto const vectors = vectors_of("redis_adapter.txt", {"request", "request-both"});
  EXPECT_GT(vectors.size(), 15u);
  for (auto const& vector : vectors) {
    SCOPED_TRACE(vector.columns[1]);
    Bytes const nsp = nsp_of_request_channel(vector.columns[0]);
    auto const request = decode_request(nsp, message_of(vector));
    ASSERT_TRUE(request);
    EXPECT_EQ(std::to_string(static_cast<int>(request->type)), vector.field("type"));
    EXPECT_EQ(request->uid, vector.field("uid"));
    EXPECT_EQ(request->request_id, vector.field("id"));
    EXPECT_EQ(request->target.nsp, nsp);
    expect_target(request->target, vector);
    EXPECT_EQ(names_of(request->rooms), vector.field("names", "[]"));
    EXPECT_EQ(request->close, vector.field("close") == "true");
    EXPECT_FALSE(request->one_socket);
    EXPECT_EQ(request->event.text, vector.field("event"));
    EXPECT_EQ(request->event.attachments, from_hex_list(vector.field("attachments")));
  }
}

TEST(AdapterMessages, writes_the_requests_that_servers_write) {
  for (auto const& vector : vectors_of("redis_adapter.txt", {"request-both"})) {
    auto const request = decode_request("/", vector.columns[1]).value();
    std::string out;
    switch (request.type) {
      case RequestType::join:
        append_join_request(out, request.uid, request.target, request.rooms);
        break;
      case RequestType::leave:
        append_leave_request(out, request.uid, request.target, request.rooms);
        break;
      default:
        append_disconnect_request(out, request.uid, request.target, request.close);
        break;
    }
    EXPECT_EQ(out, vector.columns[1]);
  }
}

TEST(AdapterMessages, reads_the_requests_of_older_servers) {
  auto const sockets = decode_request("/a", R"({"uid":"u","requestId":"q","type":0,"rooms":["x",7]})").value();
  EXPECT_EQ(sockets.type, RequestType::sockets);
  EXPECT_EQ(sockets.request_id, "\"q\"");
  EXPECT_THAT(sockets.target.rooms, ElementsAre(room_key("x"), room_key("7")));

  auto const join = decode_request("/", R"({"requestId":"q","type":2,"sid":"S1","room":5})").value();
  EXPECT_TRUE(join.one_socket);
  EXPECT_THAT(join.target.rooms, ElementsAre(room_key("S1")));
  EXPECT_THAT(join.rooms, ElementsAre(room_key("5")));
  auto const leave = decode_request("/", R"({"requestId":"q","type":3,"sid":"S1","room":"r"})").value();
  EXPECT_TRUE(leave.one_socket);
  EXPECT_THAT(leave.rooms, ElementsAre(room_key("r")));
  auto const disconnect = decode_request("/", R"({"requestId":"q","type":4,"sid":"S1","close":true})").value();
  EXPECT_TRUE(disconnect.one_socket);
  EXPECT_TRUE(disconnect.close);
}

TEST(AdapterMessages, a_request_may_come_as_messagepack_and_name_rooms_by_numbers) {
  auto const request =
      decode_request("/", packed(R"({"type":2,"requestId":12,"opts":{"rooms":[1,1.5],"except":null},"rooms":["r"]})"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->request_id, "12");
  EXPECT_THAT(request->target.rooms, ElementsAre(room_key("1"), room_key("1.5")));
  EXPECT_THAT(request->rooms, ElementsAre(room_key("r")));
}

TEST(AdapterMessages, an_event_for_servers_may_be_any_list) {
  EXPECT_EQ(decode_request("/", R"({"type":6,"data":[]})").value().event.text, "");
  EXPECT_EQ(decode_request("/", R"({"type":6,"data":["disconnect"]})").value().event.text, "\"disconnect\"");
}

TEST(AdapterMessages, refuses_requests_of_another_shape) {
  for (Bytes const json : {
           R"({})",
           R"({"type":"2"})",
           R"({"type":0})",
           R"({"type":0,"requestId":"q","rooms":{}})",
           R"({"type":0,"requestId":["q"]})",
           R"({"type":1})",
           R"({"type":2})",
           R"({"type":2,"opts":[]})",
           R"({"type":2,"opts":{},"rooms":"r"})",
           R"({"type":2,"opts":{"rooms":[null]},"rooms":[]})",
           R"({"type":2,"sid":"S1"})",
           R"({"type":3,"opts":{"except":"x"}})",
           R"({"type":4})",
           R"({"type":5,"opts":{}})",
           R"({"type":5,"requestId":"q"})",
           R"({"type":6})",
           R"({"type":6,"data":{}})",
           R"({"type":7,"packet":{"type":2,"data":["x"]},"opts":{}})",
           R"({"type":7,"requestId":"q","packet":{"type":2,"data":["x"]}})",
           R"({"type":7,"requestId":"q","packet":{"type":2},"opts":{}})",
       }) {
    EXPECT_EQ(decode_request("/", json).error(), WireError::bad_shape) << json;
    EXPECT_EQ(decode_request("/", packed(json)).error(), WireError::bad_shape) << json;
  }
  EXPECT_EQ(decode_request("/", packed("[1]")).error(), WireError::bad_shape);
}

TEST(AdapterMessages, refuses_unknown_requests_and_what_is_no_message) {
  for (Bytes const json : {R"({"type":8,"requestId":"q"})", R"({"type":9,"requestId":"q"})", R"({"type":-1})",
                           R"({"type":7,"requestId":"q","opts":{},"packet":{"type":3,"data":["x"]}})"}) {
    EXPECT_EQ(decode_request("/", json).error(), WireError::unknown_type) << json;
  }
  EXPECT_EQ(
      decode_request("/", R"({"type":7,"requestId":"q","opts":{},"packet":{"type":2,"data":["connect"]}})").error(),
      WireError::bad_event_name);
  EXPECT_EQ(decode_request("/", "").error(), WireError::bad_msgpack);
  EXPECT_EQ(decode_request("/", "hello").error(), WireError::bad_msgpack);
  EXPECT_EQ(decode_request("/", "{").error(), WireError::bad_json);
  EXPECT_EQ(decode_request("/", R"({"type":1,"requestId":"q"}x)").error(), WireError::bad_json);
  EXPECT_EQ(decode_request("/", "{\"type\":1,\"requestId\":\"\xff\"}").error(), WireError::bad_text);
  EXPECT_EQ(decode_request("/", R"({"type":6,"data":[[]]})", {.depth_max = 2}).error(), WireError::bad_json);
}

// ---- Responses ----

TEST(AdapterMessages, writes_the_answers_that_servers_write) {
  for (auto const& vector : vectors_of("redis_adapter.txt", {"response"})) {
    Bytes const text = vector.columns[1];
    if (!text.starts_with('{')) continue;  // 9: an acknowledgement
    std::string const id = vector.field("id");
    std::string out;
    if (auto const sockets = json::find(text, "sockets")) {
      std::vector<SocketDescription> descriptions;
      json::ArrayReader reader(*sockets);
      while (auto const socket = reader.next()) {
        auto& description = descriptions.emplace_back();
        description.id = json::to_string(json::find(*socket, "id").value()).value();
        description.handshake_json = json::find(*socket, "handshake").value();
        json::ArrayReader rooms(json::find(*socket, "rooms").value());
        while (auto const room = rooms.next()) description.rooms.push_back(room_key(json::to_string(*room).value()));
      }
      append_fetch_response(out, id, descriptions);
    } else if (auto const rooms = json::find(text, "rooms")) {
      std::vector<std::string> keys;
      json::ArrayReader reader(*rooms);
      while (auto const room = reader.next()) keys.push_back(room_key(json::to_string(*room).value()));
      append_rooms_response(out, id, keys);
    } else if (auto const count = json::find(text, "clientCount")) {
      append_client_count_response(out, id, json::to_uint64(*count).value());
    } else {
      append_server_side_response(out, id, json::find(text, "data").value_or(Bytes()));
    }
    EXPECT_EQ(out, text);
  }
}

TEST(AdapterMessages, writes_the_answers_that_older_servers_expect) {
  std::string out;
  append_sockets_response(out, "\"q\"", std::vector<std::string>{"S1", "S\"2"});
  EXPECT_EQ(out, R"({"requestId":"q","sockets":["S1","S\"2"]})");
  out.clear();
  append_done_response(out, "7");
  EXPECT_EQ(out, R"({"requestId":7})");
}

}  // namespace
}  // namespace chorus::cluster::redis
