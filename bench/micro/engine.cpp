// Engine.IO: packets, payloads, messages for many, session ids.
#include <string>

#include "engine/payload.hpp"
#include "engine/session_id.hpp"
#include "engine/shared_message.hpp"
#include "micro/measure.hpp"

namespace chorus::bench {
namespace {

Bytes const packet = "42[\"echo\",\"0123456789abcdefghijklmnopqrstuvwx\"]";

std::string payload_of(std::size_t packets) {
  std::string payload;
  for (std::size_t i = 0; i < packets; ++i) engine::append_packet(payload, packet);
  return payload;
}

}  // namespace

void add_engine() {
  measure("engine: read a packet",
          [] { return [scratch = std::string()]() mutable { keep(engine::decode_packet(packet, scratch)); }; });
  auto const sixteen = payload_of(16);
  measure_bytes("engine: read a payload of 16 packets", sixteen.size(), [sixteen] {
    return [sixteen, scratch = std::string()]() mutable {
      engine::PayloadReader reader(sixteen);
      while (auto const encoded = reader.next()) keep(engine::decode_packet(*encoded, scratch));
    };
  });
  measure_bytes("engine: write a payload of 16 packets", sixteen.size(), [] {
    return [out = std::string()]() mutable {
      out.clear();
      for (int i = 0; i < 16; ++i) engine::append_message(out, engine::MessageKind::text, packet.substr(1));
      keep(out);
    };
  });
  measure("engine: make a message for many",
          [] { return [] { keep(engine::SharedMessage::make(packet.substr(1))); }; });
  measure("engine: mint a session id", [] {
    return [key = engine::SessionIdKey::random()] { keep(key.mint({1, 2, 3})); };
  });
  measure("engine: check a session id", [] {
    auto key = engine::SessionIdKey::random();
    auto const sid = key.mint({1, 2, 3});
    return [sid, key = std::move(key)] { keep(key.owner_of(sid)); };
  });
}

}  // namespace chorus::bench
