#include "base/brotli.hpp"

#include <brotli/encode.h>

#include <cstdint>

namespace chorus {
namespace {

constexpr int quality = 6;  // of 11

}  // namespace

std::optional<std::string> brotli(Bytes data) {
  std::string out(BrotliEncoderMaxCompressedSize(data.size()), '\0');
  std::size_t size = out.size();
  auto const* const in = reinterpret_cast<std::uint8_t const*>(data.data());
  auto* const to = reinterpret_cast<std::uint8_t*>(out.data());
  if (BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, data.size(), in, &size, to) ==
      BROTLI_FALSE)
    return std::nullopt;
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

}  // namespace chorus
