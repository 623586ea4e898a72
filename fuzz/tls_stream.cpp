// Any bytes as what comes to a server's end of TLS, before its handshake and behind it: what is delivered is the
// beginning of what the client said, a broken stream stays broken, and nothing depends on how the bytes are cut.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "base/check.hpp"
#include "net/tls_test_support.hpp"

namespace {

using namespace chorus;
using net::TlsStream;
using State = TlsStream::State;

std::shared_ptr<net::TlsContext const> const& context() {
  static std::shared_ptr<net::TlsContext const> const made = net::TlsFiles().load();
  return made;
}

/// Reads the input as numbers and texts; at its end there are only zeros and nothing.
class Script {
 public:
  explicit Script(Bytes bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }
  std::uint8_t number() {
    if (bytes_.empty()) return 0;
    auto const value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  Bytes text(std::size_t size) {
    auto const part = bytes_.substr(0, size);
    bytes_.remove_prefix(part.size());
    return part;
  }
  Bytes rest() { return text(bytes_.size()); }

 private:
  Bytes bytes_;
};

/// Feeds pieces, each in memory of exactly its size, and the room for its plaintext as well.
std::string decrypt(TlsStream& stream, Bytes wire, std::size_t piece_max) {
  std::string received;
  while (!wire.empty()) {
    auto const size = std::min(piece_max, wire.size());
    auto const exact = std::make_unique<char[]>(size);
    std::memcpy(exact.get(), wire.data(), size);
    wire.remove_prefix(size);
    auto const room_size = size + TlsStream::extra_room;
    auto const room = std::make_unique<char[]>(room_size);
    auto const before = stream.state();
    auto const got = stream.decrypt({exact.get(), size}, {room.get(), room_size});
    CHORUS_CHECK(got <= room_size, "the plaintext has room");
    CHORUS_CHECK(before == State::open || (got == 0 && stream.state() == before), "what has ended stays so");
    received.append(room.get(), got);
  }
  return received;
}

/// Bytes of nobody's TLS, or the beginning of somebody's.
void from_the_first_byte(Bytes wire) {
  TlsStream whole(context());
  CHORUS_CHECK(decrypt(whole, wire, wire.size()).empty(), "without a handshake there is no plaintext");
  for (std::size_t const piece_max : {1u, 7u, 100u}) {
    TlsStream cut(context());
    decrypt(cut, wire, piece_max);
    CHORUS_CHECK(cut.state() == whole.state(), "the outcome does not depend on the cuts");
  }
  net::Collected sink;
  CHORUS_CHECK(whole.established() || !whole.encrypt("x", sink), "nothing is written before the handshake is done");
  whole.say_goodbye();
}

/// A client with which the handshake is done says something, and what it says is changed on the way.
void behind_the_handshake(Script script, int version) {
  net::TlsDialogue dialogue(context(), {.version = version});
  dialogue.talk();
  CHORUS_CHECK(dialogue.server.established() && dialogue.client.established(), "an honest client gets in");
  auto const piece_max = std::size_t{1} + script.number();
  std::string said, received;
  bool is_honest = true;
  while (!script.done() && !dialogue.client.failed && !dialogue.client.ended) {
    std::string wire;
    switch (script.number() % 5) {
      case 0: {  // it speaks
        Bytes const text = script.text(script.number());
        if (text.empty()) break;
        dialogue.client.say(text);
        said += text;
        break;
      }
      case 1:  // a stranger speaks in between
        wire = script.text(script.number());
        is_honest = is_honest && wire.empty();
        break;
      case 2: {  // a bit of its next words is turned over
        dialogue.client.say("changed");
        wire = dialogue.client.take_output();
        auto& byte = wire[script.number() % wire.size()];
        byte = static_cast<char>(byte ^ (1 << script.number() % 8));
        is_honest = false;
        break;
      }
      case 3: {  // its next words are lost from somewhere on
        dialogue.client.say("lost");
        wire = dialogue.client.take_output();
        wire.resize(script.number() % wire.size());
        is_honest = false;
        break;
      }
      case 4: {  // the server answers
        net::Collected sink;
        std::string const answer(std::size_t{1} + script.number(), 'a');
        auto const heard = dialogue.client.received.size();
        if (!dialogue.server.encrypt(answer, sink)) break;
        dialogue.client.take(dialogue.server.take_pending() + sink.bytes);
        CHORUS_CHECK(!is_honest || dialogue.client.received.substr(heard) == answer, "the answer arrives");
        break;
      }
    }
    received += decrypt(dialogue.server, dialogue.client.take_output() + wire, piece_max);
  }
  CHORUS_CHECK(said.starts_with(received), "what is delivered is what the client said");
  CHORUS_CHECK(!is_honest || received == said, "and all of it where nobody interferes");
  dialogue.server.say_goodbye();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string input(size, '\0');
  if (size > 0) std::memcpy(input.data(), data, size);
  Script script(input);
  switch (script.number()) {
    case '2':
      behind_the_handshake(script, TLS1_2_VERSION);
      break;
    case '3':
      behind_the_handshake(script, TLS1_3_VERSION);
      break;
    default:
      from_the_first_byte(input);
      break;
  }
  return 0;
}
