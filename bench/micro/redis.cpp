// Redis: its protocol, and the messages of Socket.IO's adapter in it.
#include <string>

#include "cluster/redis/adapter_messages.hpp"
#include "cluster/redis/resp_reader.hpp"
#include "cluster/redis/resp_writer.hpp"
#include "micro/measure.hpp"

namespace chorus::bench {
namespace {

namespace redis = cluster::redis;

Bytes const uid = "abcdef", channel = "socket.io#/chat#room-1#";
std::string const arguments = "\"0123456789abcdefghijklmnopqrstuv\"";
std::string const document = R"({"to":"ada","text":"See you at eight?","at":1732276800123,"tags":["work","lunch"]})";

socket::Target to_room() { return {.nsp = "/chat", .rooms = {socket::room_key("room-1")}}; }

std::string broadcast(Bytes args) {
  std::string message;
  keep(redis::append_broadcast(message, uid, to_room(), "message", args, {}));
  return message;
}

/// A message of a subscribed pattern, as Redis pushes it.
std::string pushed(Bytes message) {
  std::string wire = ">4\r\n";
  for (Bytes const part : {Bytes("pmessage"), Bytes("socket.io#/chat#*"), channel, message})
    redis::append_argument(wire, part);
  return wire;
}

void write(std::string const& name, std::string const& args) {
  measure_bytes("redis: write a broadcast of " + name, broadcast(args).size(), [args] {
    return [args, target = to_room(), out = std::string()]() mutable {
      out.clear();
      keep(redis::append_broadcast(out, uid, target, "message", args, {}));
    };
  });
}

void read(std::string const& name, std::string const& args) {
  auto const message = broadcast(args);
  measure_bytes("redis: read a broadcast of " + name, message.size(), [message] {
    return [message] {
      auto const view = redis::decode_broadcast(message);
      keep(redis::event_of(*view));
    };
  });
}

}  // namespace

void add_redis() {
  auto const wire = pushed(broadcast(arguments));
  measure_bytes("redis: read a pushed message", wire.size(), [wire] {
    return [wire, reader = redis::RespReader()]() mutable {
      keep(reader.read(wire));
      keep(reader.value());
    };
  });
  measure_bytes("redis: write a PUBLISH", wire.size(), [] {
    return [message = broadcast(arguments), out = std::string()]() mutable {
      out.clear();
      redis::append_command(out, {"PUBLISH", channel, message});
      keep(out);
    };
  });
  measure("redis: see who sent a broadcast",
          [] { return [message = broadcast(arguments)] { keep(redis::sender_of(message)); }; });
  write("32 B", arguments);
  write("a chat's object", document);
  read("32 B", arguments);
  read("a chat's object", document);
}

}  // namespace chorus::bench
