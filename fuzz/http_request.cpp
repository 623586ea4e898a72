// Any bytes as requests of one connection: the outcome must not depend on how they are cut.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "http/query.hpp"
#include "http/request_reader.hpp"

namespace {

using chorus::Bytes;
using namespace chorus::http;

std::string describe(Request request) {
  std::string text(request.method());
  text.append(" ").append(request.path()).append("?").append(request.query_string());
  for (auto const& [name, value] : Query(request.query_string())) text += name + "=" + value + ";";
  for (Header const header : request.headers()) text.append(header.name).append(":").append(header.value).append("\n");
  if (request.keep_alive()) text += "keep";
  if (auto const path = percent_decode_path(request.path())) text += *path;
  return text + request.take_body();
}

/// Feeds pieces of at most `piece_max` bytes, each in memory of exactly its size.
std::string outcome(Bytes wire, std::size_t piece_max) {
  RequestReader reader({.head_bytes_max = 1024,
                        .headers_max = 8,
                        .target_bytes_max = 256,
                        .body_bytes_max = 100,
                        .chunk_extension_bytes_max = 16,
                        .trailer_bytes_max = 32});
  std::mt19937 random(static_cast<unsigned>(wire.size()));
  std::string text;
  while (!wire.empty()) {
    std::size_t const size =
        std::min<std::size_t>(piece_max == 0 ? wire.size() : 1 + random() % piece_max, wire.size());
    std::vector<char> const exact(wire.begin(), wire.begin() + size);
    wire.remove_prefix(size);
    Bytes piece(exact.data(), exact.size());
    while (true) {
      auto const step = reader.feed(piece);
      if (!step) return text + std::to_string(status_of(step.error())) + (reader.head() != nullptr ? "head" : "");
      if (*step == ReadStep::need_more) break;
      text += *step == ReadStep::request ? describe(reader.take()) : "continue";
    }
    CHORUS_CHECK(piece.empty(), "need_more means that all is consumed");
  }
  return text + (reader.idle() ? "idle" : reader.in_head() ? "head" : "body");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string wire(size, '\0');
  if (size > 0) std::memcpy(wire.data(), data, size);
  auto const whole = outcome(wire, 0);
  for (std::size_t const piece_max : {1u, 7u, 100u}) {
    CHORUS_CHECK(outcome(wire, piece_max) == whole, "the outcome does not depend on the cuts");
  }
  return 0;
}
