// Any bytes as a deflated message, as an offer of permessage-deflate, and as a message to be deflated.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "http/request_reader.hpp"
#include "websocket/deflate_parameters.hpp"
#include "websocket/message_deflater.hpp"
#include "websocket/message_inflater.hpp"

namespace {

using chorus::Bytes;
using namespace chorus::websocket;

constexpr std::size_t message_bytes_max = 20'000;

/// Twice with one inflater: the second time, where there is context, the same bytes may mean something else.
void inflate(Bytes deflated, Opcode opcode, Context context) {
  MessageInflater inflater(9, context);
  std::string before;
  for (int round = 0; round < 2; ++round) {
    auto const message = inflater.inflate(deflated, opcode, message_bytes_max);
    if (!message) return;
    CHORUS_CHECK(message->size() <= message_bytes_max, "no message is above the limit");
    CHORUS_CHECK(opcode == Opcode::binary || chorus::is_utf8(*message), "a text is valid UTF-8");
    CHORUS_CHECK(context == Context::taken_over || round == 0 || *message == before, "what came before is forgotten");
    before = *message;
    inflater.release();
  }
}

/// What the library deflates it inflates to the same.
void round_trip(Bytes payload, int window_bits, Context context) {
  DeflateCounters counters;
  MessageDeflater deflater({.threshold = 0, .level = 1 + static_cast<int>(payload.size() % 9)}, window_bits, context,
                           counters);
  MessageInflater inflater(window_bits, context);
  for (int round = 0; round < 2; ++round) {
    std::string frame;
    deflater.append_frame(frame, Opcode::binary, payload.substr(0, payload.size() / 2),
                          payload.substr(payload.size() / 2));
    CHORUS_CHECK(frame.size() <= payload.size() + frame_header_max, "a message never grows");
    std::size_t const length = static_cast<unsigned char>(frame[1]);
    Bytes const body = Bytes(frame).substr(length == 127 ? 10 : length == 126 ? 4 : 2);
    bool const deflated = (static_cast<unsigned char>(frame[0]) & rsv1_bit) != 0;
    auto const message = deflated ? inflater.inflate(body, Opcode::binary, payload.size()).value() : body;
    CHORUS_CHECK(message == payload, "what was deflated comes back");
  }
}

void negotiate(Bytes header) {
  auto const request =
      chorus::http::read_request("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: " + std::string(header) + "\r\n\r\n");
  if (!request) return;
  for (auto const context : {Context::none, Context::taken_over}) {
    auto const agreement = negotiate_deflate(*request, {.enabled = true, .context = context, .client_window_bits = 10});
    if (!agreement) continue;
    auto const& [parameters, answer] = *agreement;
    CHORUS_CHECK(answer.empty() == !parameters, "what is agreed on is told");
    if (!parameters) continue;
    CHORUS_CHECK(parameters.server_window_bits >= 8 && parameters.server_window_bits <= 15,
                 "a window has 8 to 15 bits");
    CHORUS_CHECK(parameters.client_window_bits >= 8 && parameters.client_window_bits <= 15,
                 "a window has 8 to 15 bits");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  std::string const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  auto const context = (data[0] & 1) != 0 ? Context::taken_over : Context::none;
  inflate(bytes, Opcode::text, context);
  inflate(bytes, Opcode::binary, context);
  round_trip(bytes, 8 + (data[0] >> 1) % 8, context);
  negotiate(bytes);
  return 0;
}
