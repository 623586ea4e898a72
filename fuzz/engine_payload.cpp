// Engine.IO packets and payloads, and a session under any script of inputs. EngineWorld aborts when the session breaks
// its contract (an answer too many, a word to a dead WebSocket, a call after the end).
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "engine/payload.hpp"
#include "support/engine_world.hpp"

namespace {

using namespace std::chrono_literals;
using chorus::Bytes;
using chorus::engine::MessageKind;
using chorus::engine::PacketType;
using chorus::engine::PostType;
using chorus::engine::Session;
using chorus::engine::SessionState;
using chorus::engine::SharedMessage;
using chorus::engine::WebSocketEnd;
using chorus::testing::EngineWorld;

/// What is decoded is encoded and decoded to the same.
void decode_payload(Bytes payload) {
  chorus::engine::PayloadReader reader(payload);
  std::string scratch;
  while (auto const encoded = reader.next()) {
    auto const packet = chorus::engine::decode_packet(*encoded, scratch);
    if (!packet || packet->type != PacketType::message) continue;
    std::string again;
    chorus::engine::append_message(again, packet->kind, packet->data);
    CHORUS_CHECK(again.size() == chorus::engine::message_size(packet->kind, packet->data), "message_size() is wrong");
    std::string other_scratch;
    auto const twin = chorus::engine::decode_packet(again, other_scratch);
    CHORUS_CHECK(twin && twin->kind == packet->kind && twin->data == packet->data, "a message changed on its way");
  }
}

/// Reads the script: bytes, and strings with their length before them.
class Script {
 public:
  explicit Script(Bytes bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    auto const value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  Bytes string() {
    std::size_t const size = byte() % 64;
    Bytes const value = rest_.substr(0, size);
    rest_.remove_prefix(value.size());
    return value;
  }

 private:
  Bytes rest_;
};

class Player {
 public:
  explicit Player(Bytes bytes) : script_(bytes), beginning_(script_.byte()), world_(small_limits(), dialect()) {
    world_.handler = [this](MessageKind, Bytes data) { handle(data); };
  }

  void play() {
    if (beginning_ % 2 == 0) {
      world_.open_polling();
    } else {
      world_.open_websocket(1);
    }
    while (!script_.at_end()) step();
    world_.pass(1h);
    CHORUS_CHECK(world_.closes() == 1, "a session without a client ends");
    CHORUS_CHECK(world_.unanswered() == 0, "a request was forgotten");
    CHORUS_CHECK(world_.open_websockets() == 0, "a WebSocket was forgotten");
    CHORUS_CHECK(world_.timers.armed() == 0, "a timer was forgotten");
  }

 private:
  /// The first byte: how the session begins, and what its client speaks.
  chorus::engine::Dialect dialect() const {
    using namespace chorus::engine;
    if ((beginning_ & 2) == 0) return {};
    return {Revision::v3, (beginning_ & 4) == 0 ? BinaryForm::bytes : BinaryForm::base64};
  }

  static chorus::engine::Settings small_limits() {
    chorus::engine::Settings settings;
    settings.payload_bytes_max = 100;
    settings.buffer_bytes_max = 300;
    settings.buffer_messages_max = 8;
    return settings;
  }

  void step() {
    switch (script_.byte() % 16) {
      case 0:
        return world_.get(++request_);
      case 1:
        return world_.post(++request_, script_.string());
      case 2:
        return world_.post(++request_, script_.string(), PostType::octet_stream);
      case 3:
        return world_.abort(request_ - script_.byte() % 4U);
      case 4:
        return static_cast<void>(world_.upgrade(
            ++socket_, (beginning_ & 8) == 0 ? chorus::engine::BinaryForm::bytes : chorus::engine::BinaryForm::base64));
      case 5:
        return world_.text(socket(), script_.string());
      case 6:
        return world_.binary(socket(), script_.string());
      case 7:
        return world_.hang_up(socket(), script_.byte() % 2 == 0 ? WebSocketEnd::closed : WebSocketEnd::failed);
      case 8:
        return world_.pass(std::chrono::milliseconds(script_.byte()) * script_.byte());
      case 9:
        return world_.session->send(script_.string());
      case 10:
        return send_with_attachments();
      case 11:
        return world_.session->send_binary(script_.string());
      case 12:
        return world_.session->close();
      case 13:
        return world_.session->shut_down();
      case 14:
        return world_.begin_post(begun_post_ = ++request_);
      default:
        return end_post();
    }
  }

  std::uint64_t socket() { return 1 + script_.byte() % (socket_ + 1); }

  /// What becomes of the last POST that was begun, or of one that nobody knows.
  void end_post() {
    auto const begun = std::exchange(begun_post_, 0);
    auto const number = begun != 0 ? begun : ++request_;
    switch (script_.byte() % 3) {
      case 0:
        return world_.session->on_post_refused(EngineWorld::ticket(number));
      case 1:
        return world_.abort(number);
      default:
        return world_.post(number, script_.string());
    }
  }

  void send_with_attachments() {
    Bytes const text = script_.string();
    std::array<Bytes, 2> const attachments{script_.string(), script_.string()};
    if (script_.byte() % 2 == 0) return world_.session->send(text, attachments);
    world_.session->send(SharedMessage::make(text, attachments));
  }

  /// The layer above answers, closes or shuts down from within its call.
  void handle(Bytes data) {
    static_cast<void>(world_.session->writable());
    if (data.starts_with("c")) return world_.session->close();
    if (data.starts_with("s")) return world_.session->shut_down();
    world_.session->send(data);
  }

  Script script_;
  std::uint8_t const beginning_;
  EngineWorld world_;
  std::uint64_t request_ = 1'000;
  std::uint64_t begun_post_ = 0;
  std::uint64_t socket_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  Bytes const bytes(reinterpret_cast<char const*>(data), size);
  decode_payload(bytes);
  Player(bytes).play();
  return 0;
}
