#include "base/brotli.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace chorus {
namespace {

std::string decoded(std::string const& data, std::size_t size_max) {
  std::string out(size_max, '\0');
  std::size_t size = out.size();
  auto const result = BrotliDecoderDecompress(data.size(), reinterpret_cast<std::uint8_t const*>(data.data()), &size,
                                              reinterpret_cast<std::uint8_t*>(out.data()));
  EXPECT_EQ(result, BROTLI_DECODER_RESULT_SUCCESS);
  out.resize(size);
  return out;
}

TEST(Brotli, is_what_its_decoder_reads) {
  std::string text;
  for (int n = 0; n < 20'000; ++n) text += "line " + std::to_string(n * n) + "\n";
  for (auto const& data : {std::string(), std::string("x"), std::string(100'000, 'x'), text}) {
    auto const encoded = brotli(data);
    ASSERT_TRUE(encoded);
    EXPECT_EQ(decoded(*encoded, data.size() + 1), data);
  }
  EXPECT_LT(brotli(text)->size(), text.size() / 3);
}

}  // namespace
}  // namespace chorus
