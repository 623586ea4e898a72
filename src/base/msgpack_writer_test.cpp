#include "base/msgpack_writer.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/msgpack_reader.hpp"
#include "support/hex_vectors.hpp"

namespace chorus::msgpack {
namespace {

using test::to_hex;

// What notepack.io writes for JSON values is in the vectors, read by msgpack_json_test.cpp.

std::string written(auto append, auto value) {
  std::string out;
  append(out, value);
  return to_hex(out);
}

std::string number(double value) { return written(append_number, value); }

TEST(MsgpackWriter, writes_integral_numbers_as_integers_and_others_as_doubles) {
  EXPECT_EQ(number(1000), "cd03e8");
  EXPECT_EQ(number(-0.0), "00");
  EXPECT_EQ(number(0.5), "cb3fe0000000000000");
  EXPECT_EQ(number(-9223372036854775808.0), "d38000000000000000");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "cb7ff0000000000000");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "cb7ff8000000000000");
}

TEST(MsgpackWriter, writes_integral_numbers_beyond_64_bits_as_doubles_where_notepack_writes_others) {
  EXPECT_EQ(number(18446744073709551616.0), "cb43f0000000000000");
  EXPECT_EQ(number(-9223372036854777856.0), "cbc3e0000000000001");
  EXPECT_EQ(number(1e300), "cb7e37e43c8800759c");
}

TEST(MsgpackWriter, writes_the_greatest_integers) {
  EXPECT_EQ(written([](auto& out, auto v) { append_integer(out, v); }, std::numeric_limits<std::uint64_t>::max()),
            "cfffffffffffffffff");
  EXPECT_EQ(written([](auto& out, auto v) { append_integer(out, v); }, std::numeric_limits<std::int64_t>::min()),
            "d38000000000000000");
}

TEST(MsgpackWriter, every_size_of_a_string_or_binary_comes_back) {
  for (std::size_t const size : {0u, 31u, 32u, 255u, 256u, 65'535u, 65'536u}) {
    std::string const text(size, 'x');
    std::string out;
    append_string(out, text);
    append_binary(out, text);
    Reader reader(out);
    EXPECT_EQ(reader.next()->bytes, text);
    auto const binary = reader.next();
    EXPECT_EQ(binary->kind, Kind::binary);
    EXPECT_EQ(binary->bytes, text);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(MsgpackWriter, writes_the_shortest_head_that_holds_the_count) {
  EXPECT_EQ(written(append_array_head, std::size_t{15}), "9f");
  EXPECT_EQ(written(append_array_head, std::size_t{16}), "dc0010");
  EXPECT_EQ(written(append_array_head, std::size_t{65'536}), "dd00010000");
  EXPECT_EQ(written(append_map_head, std::size_t{15}), "8f");
  EXPECT_EQ(written(append_map_head, std::size_t{16}), "de0010");
  EXPECT_EQ(written(append_map_head, std::size_t{65'536}), "df00010000");
}

}  // namespace
}  // namespace chorus::msgpack
