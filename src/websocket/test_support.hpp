// What the tests of this layer share: a client's frames, and what becomes of them.
#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "websocket/message_inflater.hpp"
#include "websocket/message_reader.hpp"

namespace chorus::websocket {

using Lines = std::vector<std::string>;

/// Notes every call as a word, its payload behind it.
class Notes : public MessageSink {
 public:
  bool on_text(Bytes message) override { return note("text", message); }
  bool on_binary(Bytes message) override { return note("binary", message); }
  bool on_ping(Bytes payload) override { return note("ping", payload); }
  bool on_pong(Bytes payload) override { return note("pong", payload); }
  void on_close(std::optional<std::uint16_t> code, Bytes reason) override {
    note("close", code ? std::to_string(*code) + "/" + std::string(reason) : "");
  }

  Lines lines;
  std::size_t stop_after = SIZE_MAX;

 private:
  bool note(char const* word, Bytes payload) {
    lines.push_back(std::string(word) + ":" + std::string(payload));
    return lines.size() < stop_after;
  }
};

inline std::string masked(unsigned first, Bytes payload, Bytes key = "\x37\xfa\x21\x3d") {
  std::string frame;
  append_frame(frame, Opcode::binary, payload);
  std::size_t const header = frame.size() - payload.size();
  frame[0] = static_cast<char>(first);
  frame[1] = static_cast<char>(frame[1] | 0x80);
  frame.insert(header, key);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame[header + 4 + i] = static_cast<char>(frame[header + 4 + i] ^ key[i % 4]);
  }
  return frame;
}

/// How a connection reads.
struct Reading {
  Limits limits = {};
  std::optional<Context> deflate = std::nullopt;  ///< nothing: it was not agreed on
};

/// What came out, a fault as the last line; the input cut before each place of `cuts`.
inline Lines outcome(std::string const& wire, std::vector<std::size_t> const& cuts = {}, Reading reading = {}) {
  MessageReader reader(reading.limits);
  std::optional<MessageInflater> inflater;
  if (reading.deflate) inflater.emplace(deflate_window_bits_max, *reading.deflate);
  Notes notes;
  std::size_t at = 0;
  auto const feed_up_to = [&](std::size_t end) {
    // A block of its own, as long as the piece: the sanitizer sees what lies beyond.
    std::vector<char> piece(wire.begin() + static_cast<long>(at), wire.begin() + static_cast<long>(end));
    at = end;
    auto const fed = reader.feed(piece, notes, inflater ? &*inflater : nullptr);
    if (!fed) notes.lines.push_back("fault " + std::to_string(static_cast<int>(fed.error())));
  };
  for (std::size_t const cut : cuts) feed_up_to(cut);
  feed_up_to(wire.size());
  return notes.lines;
}

/// The same outcome whole, byte by byte and cut in two at every place; returns it.
inline Lines checked_outcome(std::string const& wire, Reading reading = {}) {
  auto const whole = outcome(wire, {}, reading);
  std::vector<std::size_t> each;
  for (std::size_t i = 1; i < wire.size(); ++i) {
    each.push_back(i);
    if (wire.size() < 5000 || i < 100 || i + 100 > wire.size()) {
      EXPECT_EQ(outcome(wire, {i}, reading), whole) << "cut at " << i;
    }
  }
  EXPECT_EQ(outcome(wire, each, reading), whole) << "byte by byte";
  return whole;
}

}  // namespace chorus::websocket
