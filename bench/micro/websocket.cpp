// WebSocket: frames in and out, masks, UTF-8.
#include <cstdint>
#include <optional>
#include <string>

#include "base/utf8.hpp"
#include "micro/measure.hpp"
#include "websocket/frame.hpp"
#include "websocket/message_reader.hpp"

namespace chorus::bench {
namespace {

class Sink final : public websocket::MessageSink {
 public:
  bool on_text(Bytes message) override {
    keep(message);
    return true;
  }
  bool on_binary(Bytes) override { return true; }
  bool on_ping(Bytes) override { return true; }
  bool on_pong(Bytes) override { return true; }
  void on_close(std::optional<std::uint16_t>, Bytes) override {}
};

/// A client's text frames, one behind the other. Their mask is zero, so that they are as they were when they have been
/// read and can be read again; the reader does not know and takes it off all the same.
std::string frames(std::size_t count, std::string const& payload) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    std::string frame;
    websocket::append_frame(frame, websocket::Opcode::text, payload);
    frame[1] = static_cast<char>(frame[1] | 0x80);
    frame.insert(frame.size() - payload.size(), 4, '\0');
    all += frame;
  }
  return all;
}

std::string ascii(std::size_t size) { return std::string(size, 'x'); }

/// Two, three and four bytes a character, and spaces.
std::string many_scripts(std::size_t size) {
  std::string text;
  while (text.size() + 10 <= size) text += "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 ";
  return text + ascii(size - text.size());
}

void read(std::string const& name, std::size_t count, std::string const& payload) {
  auto const wire = frames(count, payload);
  measure_bytes("websocket: read " + name, wire.size(), [wire] {
    return [input = std::string(wire), reader = websocket::MessageReader(), sink = Sink()]() mutable {
      keep(reader.feed(input, sink));
    };
  });
}

void write(std::string const& name, std::string const& payload) {
  measure_bytes("websocket: write " + name, payload.size(), [payload] {
    return [payload, out = std::string()]() mutable {
      out.clear();
      websocket::append_frame(out, websocket::Opcode::text, payload);
      keep(out);
    };
  });
}

}  // namespace

void add_websocket() {
  read("a frame of 32 B", 1, ascii(32));
  read("16 frames of 32 B", 16, ascii(32));
  read("a frame of 1 KiB", 1, ascii(1024));
  read("a frame of 1 KiB in many scripts", 1, many_scripts(1024));
  read("a frame of 15 KiB", 1, ascii(15 * 1024));
  measure_bytes("websocket: unmask 1 KiB", 1024, [] {
    return [data = ascii(1024)]() mutable { keep(websocket::unmask(data.data(), data.size(), 0x3d21fa37)); };
  });
  measure_bytes("websocket: check 1 KiB of ASCII for UTF-8", 1024,
                [] { return [text = ascii(1024)] { keep(is_utf8(text)); }; });
  measure_bytes("websocket: check 1 KiB in many scripts for UTF-8", 1024,
                [] { return [text = many_scripts(1024)] { keep(is_utf8(text)); }; });
  write("a frame of 32 B", ascii(32));
  write("a frame of 1 KiB", ascii(1024));
}

}  // namespace chorus::bench
