// Socket.IO: packets in and out.
#include <string>

#include "micro/measure.hpp"
#include "socket/msgpack_packet.hpp"
#include "socket/packet.hpp"
#include "socket/packet_writer.hpp"

namespace chorus::bench {
namespace {

std::string const text = "\"0123456789abcdefghijklmnopqrstuv\"";
std::string const event = "2[\"echo\"," + text + "]";
std::string const ack = "312[" + text + "]";
/// What a chat says.
std::string const chat =
    R"(2/chat,["message",{"to":"ada","text":"See you at eight? \ud83d\ude00","at":1732276800123,"seen":false,)"
    R"("tags":["work","lunch"],"from":{"id":"bob","name":"Bob","devices":[1,2,3]}}])";
std::string const placeholders =
    R"([{"_placeholder":true,"num":0},{"name":"a.png","thumbnail":{"_placeholder":true,"num":1}}])";

void read(std::string const& name, std::string const& packet) {
  measure_bytes("packets: read " + name, packet.size(),
                [packet] { return [packet] { keep(socket::decode(packet)); }; });
}

/// As a client that writes MessagePack sends it, and as it is written for one.
void read_and_write_msgpack(std::string const& name, std::string const& packet) {
  std::string message;
  keep(socket::append_msgpack_packet(message, packet, {}));
  measure_bytes("packets: read " + name + " in MessagePack", message.size(),
                [message] { return [message] { keep(socket::decode_msgpack(message)); }; });
  measure_bytes("packets: write " + name + " in MessagePack", message.size(), [packet] {
    return [packet, out = std::string()]() mutable {
      out.clear();
      keep(socket::append_msgpack_packet(out, packet, {}));
    };
  });
}

}  // namespace

void add_packets() {
  read("an event with 32 B", event);
  read("an event with 1 KiB", "2[\"echo\",\"" + std::string(1024, 'x') + "\"]");
  read("a chat's event", chat);
  read("an acknowledgement", ack);
  read_and_write_msgpack("an event with 32 B", event);
  read_and_write_msgpack("a chat's event", chat);
  measure("packets: find 2 placeholders", [] { return [] { keep(socket::find_placeholders(placeholders, 2)); }; });
  measure_bytes("packets: write an event with 32 B", event.size(), [] {
    return [out = std::string()]() mutable {
      out.clear();
      socket::append_event(out, "/", "echo", text);
      keep(out);
    };
  });
  measure_bytes("packets: write an acknowledgement", ack.size(), [] {
    return [out = std::string()]() mutable {
      out.clear();
      socket::append_ack(out, "/", 12, text);
      keep(out);
    };
  });
}

}  // namespace chorus::bench
