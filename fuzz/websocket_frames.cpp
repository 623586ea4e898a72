// Any bytes as a client's frames: the outcome must not depend on how they are cut.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "websocket/message_inflater.hpp"
#include "websocket/message_reader.hpp"

namespace {

using chorus::Bytes;
using namespace chorus::websocket;

constexpr std::size_t message_bytes_max = 300;

class Notes final : public MessageSink {
 public:
  bool on_text(Bytes message) override {
    CHORUS_CHECK(chorus::is_utf8(message), "a text is valid UTF-8");
    return note("text", message);
  }
  bool on_binary(Bytes message) override { return note("binary", message); }
  bool on_ping(Bytes payload) override { return note("ping", payload); }
  bool on_pong(Bytes payload) override { return note("pong", payload); }
  void on_close(std::optional<std::uint16_t> code, Bytes reason) override {
    CHORUS_CHECK(chorus::is_utf8(reason), "a close reason is valid UTF-8");
    note(("close" + std::to_string(code.value_or(0))).c_str(), reason);
  }
  std::string text;

 private:
  bool note(char const* word, Bytes payload) {
    CHORUS_CHECK(payload.size() <= message_bytes_max, "no message is above the limit");
    text.append(word).append(payload).append("\n");
    return payload != "stop";
  }
};

/// Feeds pieces of at most `piece_max` bytes, each in memory of exactly its size. `deflate`: nothing, where it was not
/// agreed on.
std::string outcome(Bytes wire, std::size_t piece_max, std::optional<Context> deflate) {
  MessageReader reader(Limits{.message_bytes_max = message_bytes_max});
  std::optional<MessageInflater> inflater;
  if (deflate) inflater.emplace(chorus::deflate_window_bits_max, *deflate);
  Notes notes;
  std::mt19937 random(static_cast<unsigned>(wire.size()));
  while (!wire.empty()) {
    std::size_t const size =
        std::min<std::size_t>(piece_max == 0 ? wire.size() : 1 + random() % piece_max, wire.size());
    std::vector<char> exact(wire.begin(), wire.begin() + size);
    wire.remove_prefix(size);
    if (auto const fed = reader.feed(exact, notes, inflater ? &*inflater : nullptr); !fed) {
      return notes.text + std::to_string(static_cast<int>(fed.error()));
    }
  }
  return notes.text + (reader.in_message() ? "incomplete" : reader.finished() ? "finished" : "idle");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string wire(size, '\0');
  if (size > 0) std::memcpy(wire.data(), data, size);
  for (std::optional<Context> const deflate : {std::optional<Context>(), {Context::none}, {Context::taken_over}}) {
    auto const whole = outcome(wire, 0, deflate);
    for (std::size_t const piece_max : {1u, 7u, 100u})
      CHORUS_CHECK(outcome(wire, piece_max, deflate) == whole, "the outcome does not depend on the cuts");
  }
  return 0;
}
