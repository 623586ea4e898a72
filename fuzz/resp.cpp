// Any bytes as what Redis says: the outcome must not depend on how they are cut, and no view may leave the bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "cluster/redis/resp_reader.hpp"

namespace {

using chorus::Bytes;
using namespace chorus::cluster::redis;

constexpr RespLimits limits{.value_bytes_max = 300, .line_bytes_max = 60, .depth_max = 4, .elements_max = 40};

/// Walks the whole tree, reading every byte that a view names.
void describe(RespValue value, std::size_t depth, std::string& text) {
  CHORUS_CHECK(depth <= limits.depth_max, "no value nests deeper than the limit");
  text += static_cast<char>('a' + static_cast<int>(value.type()));
  text.append(value.text()).append(std::to_string(value.integer())).append(std::to_string(value.size()));
  std::size_t children = 0;
  for (RespValue const child : value) {
    describe(child, depth + 1, text);
    ++children;
  }
  CHORUS_CHECK(children == value.size(), "a value has as many children as it says");
}

/// Offers pieces of at most `piece_max` bytes more at each step (0: all), in memory of exactly the size of what waits.
std::string outcome(Bytes wire, std::size_t piece_max) {
  RespReader reader(limits);
  std::mt19937 random(static_cast<unsigned>(wire.size()));
  std::string text;
  std::size_t consumed = 0;
  std::size_t received = 0;
  while (received < wire.size()) {
    std::size_t const left = wire.size() - received;
    received += piece_max == 0 ? left : std::min<std::size_t>(1 + random() % piece_max, left);
    while (true) {
      std::vector<char> const exact(wire.begin() + consumed, wire.begin() + received);
      auto const read = reader.read({exact.data(), exact.size()});
      if (!read) return text + std::string(to_text(read.error()));
      CHORUS_CHECK(*read <= exact.size() && *read <= limits.value_bytes_max, "a value is within bytes and limit");
      if (*read == 0) {
        CHORUS_CHECK(reader.wanted() > exact.size(), "an incomplete value wants more than is there");
        CHORUS_CHECK(exact.size() <= limits.value_bytes_max, "a value that is incomplete beyond the limit is refused");
        break;
      }
      describe(reader.value(), 0, text);
      consumed += *read;
    }
  }
  return text + std::to_string(wire.size() - consumed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  Bytes const wire = size == 0 ? Bytes() : Bytes(reinterpret_cast<char const*>(data), size);
  auto const whole = outcome(wire, 0);
  for (std::size_t const piece_max : {1u, 7u, 100u}) {
    CHORUS_CHECK(outcome(wire, piece_max) == whole, "the outcome does not depend on the cuts");
  }
  return 0;
}
