#include "cluster/redis/resp_reader.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace chorus::cluster::redis {
namespace {

using namespace std::string_literals;

std::string describe(RespValue value);

std::string describe_children(RespValue value, char const* brackets) {
  std::string text(1, brackets[0]);
  for (RespValue const child : value) {
    if (text.size() > 1) text += ' ';
    text += describe(child);
  }
  return text + brackets[1];
}

/// A value as a short text of its own: `[bulk(a) 1 null]`.
std::string describe(RespValue value) {
  auto const with_text = [&](char const* word) { return std::string(word) + "(" + std::string(value.text()) + ")"; };
  switch (value.type()) {
    case RespType::simple:
      return with_text("simple");
    case RespType::error:
      return with_text("error");
    case RespType::integer:
      return std::to_string(value.integer());
    case RespType::bulk:
      return with_text("bulk");
    case RespType::null:
      return "null";
    case RespType::boolean:
      return value.integer() == 1 ? "true" : "false";
    case RespType::number:
      return with_text("number");
    case RespType::big_number:
      return with_text("big");
    case RespType::verbatim:
      return with_text("verbatim");
    case RespType::array:
      return describe_children(value, "[]");
    case RespType::map:
      return describe_children(value, "{}");
    case RespType::set:
      return "~" + describe_children(value, "[]");
    case RespType::push:
      return ">" + describe_children(value, "[]");
  }
  return "?";
}

/// Offers `wire` as a receive loop would, `sizes` bytes more at each step, always in memory of exactly its size.
std::string outcome(Bytes wire, std::vector<std::size_t> const& sizes, RespLimits limits = {}) {
  RespReader reader(limits);
  std::string text;
  std::size_t consumed = 0;
  std::size_t received = 0;
  for (std::size_t const more : sizes) {
    received += more;
    while (true) {
      std::size_t const size = received - consumed;
      auto const exact = std::make_unique<char[]>(size);
      wire.copy(exact.get(), size, consumed);
      auto const read = reader.read({exact.get(), size});
      if (!read) return text + std::string(to_text(read.error()));
      if (*read == 0) {
        EXPECT_GT(reader.wanted(), size) << "a reader that has what it wants gets further";
        break;
      }
      text += describe(reader.value()) + "; ";
      consumed += *read;
    }
  }
  return text + (consumed == wire.size() ? "" : "incomplete");
}

/// The outcome, after it has proved to be the same for every place of one cut and for single bytes.
std::string read(Bytes wire, RespLimits limits = {}) {
  auto const whole = outcome(wire, {wire.size()}, limits);
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    EXPECT_EQ(outcome(wire, {cut, wire.size() - cut}, limits), whole) << "cut at " << cut;
  }
  EXPECT_EQ(outcome(wire, std::vector<std::size_t>(wire.size(), 1), limits), whole) << "single bytes";
  return whole;
}

TEST(RespReader, reads_what_redis_says_in_the_second_version) {
  EXPECT_EQ(read("+OK\r\n"), "simple(OK); ");
  EXPECT_EQ(read("+\r\n"), "simple(); ");
  EXPECT_EQ(read("-ERR unknown command\r\n"), "error(ERR unknown command); ");
  EXPECT_EQ(read(":0\r\n:-12\r\n:+7\r\n"), "0; -12; 7; ");
  EXPECT_EQ(read("$5\r\nhello\r\n"), "bulk(hello); ");
  EXPECT_EQ(read("$0\r\n\r\n"), "bulk(); ");
  EXPECT_EQ(read("$-1\r\n*-1\r\n"), "null; null; ");
  EXPECT_EQ(read("*0\r\n"), "[]; ");
  EXPECT_EQ(read("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n"), "[bulk(message) bulk(news) bulk(hello)]; ");
  EXPECT_EQ(read("*3\r\n*2\r\n:1\r\n*0\r\n$-1\r\n*1\r\n+a\r\n:9\r\n"), "[[1 []] null [simple(a)]]; 9; ");
}

TEST(RespReader, reads_what_the_third_version_adds) {
  EXPECT_EQ(read(">2\r\n+invalidate\r\n_\r\n"), ">[simple(invalidate) null]; ");
  EXPECT_EQ(read("%2\r\n+a\r\n:1\r\n+b\r\n~2\r\n#t\r\n#f\r\n"), "{simple(a) 1 simple(b) ~[true false]}; ");
  EXPECT_EQ(read(",1.5\r\n,-inf\r\n,inf\r\n,nan\r\n,10\r\n,1e-7\r\n,1e999\r\n"),
            "number(1.5); number(-inf); number(inf); number(nan); number(10); number(1e-7); number(1e999); ");
  EXPECT_EQ(read("(3492890328409238509324850943850943825024385\r\n(-1\r\n"),
            "big(3492890328409238509324850943850943825024385); big(-1); ");
  EXPECT_EQ(read("=15\r\ntxt:Some string\r\n"), "verbatim(Some string); ");
  EXPECT_EQ(read("!10\r\nERR a\r\nb?!\r\n"), "error(ERR a\r\nb?!); ");
}

TEST(RespReader, drops_attributes_wherever_they_stand) {
  EXPECT_EQ(read("|1\r\n+ttl\r\n:3600\r\n$1\r\na\r\n"), "bulk(a); ");
  EXPECT_EQ(read("*2\r\n:1\r\n|1\r\n+k\r\n*2\r\n:8\r\n:9\r\n:2\r\n"), "[1 2]; ");
  EXPECT_EQ(read("|0\r\n|1\r\n|1\r\n+x\r\n+y\r\n+k\r\n+v\r\n*1\r\n|0\r\n*0\r\n"), "[[]]; ");
}

TEST(RespReader, leaves_payloads_where_they_lie) {
  std::string const wire = "*2\r\n$3\r\na\0b\r\n$2\r\n\r\n\r\n"s;
  RespReader reader;
  auto const size = reader.read(wire);
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, wire.size());
  EXPECT_EQ(reader.value()[0].text(), "a\0b"s);
  EXPECT_EQ(reader.value()[0].text().data(), wire.data() + 8);
  EXPECT_EQ(reader.value()[1].text(), "\r\n");
  EXPECT_EQ(reader.value().size(), 2u);
}

TEST(RespReader, refuses_what_is_not_the_protocol) {
  for (Bytes const wire : {
           "PING\r\n",  // inline
           "\r\n",      //
           "$abc\r\n",
           "$\r\n",
           "$ 5\r\n",
           "$+5\r\n",
           "$05\r\n",
           "$-2\r\n",
           "$5 \r\n",
           "$?\r\n",
           "*-2\r\n",
           "*x\r\n",
           "%-1\r\n",
           "~-1\r\n",
           "!-1\r\n",
           "$99999999999999999999\r\n",  // more than 64 bits
           "*99999999999999999999\r\n",
           "$000000000000000000000000",  // no end in sight
           ":\r\n",
           ":-\r\n",
           ":1a\r\n",
           ":9223372036854775808\r\n",
           ":-9223372036854775809\r\n",
           ":+-1\r\n",
           "$5\r\nhelloXY",
           "$5\r\nhello\rX",
           "$2\r\nhello\r\n",  // the end stands elsewhere
           "+a\rb\r\n",
           "+a\nb\r\n",
           "+a\n\r\n",
           ",\r\n",
           ",1.5x\r\n",
           ",infinite\r\n",
           ",--1\r\n",
           ",1e\r\n",
           ",0x1p3\r\n",
           "#\r\n",
           "#true\r\n",
           "_0\r\n",
           "(\r\n",
           "(1.5\r\n",
           "=3\r\ntxt\r\n",
           "=4\r\ntxt-\r\n",
           "*1\r\n>0\r\n",  // a push inside a value
       }) {
    EXPECT_EQ(read(wire), "a malformed reply") << wire;
  }
  EXPECT_EQ(read("+OK\r\n?"), "simple(OK); a malformed reply");
}

TEST(RespReader, reads_the_greatest_integers) {
  EXPECT_EQ(read(":9223372036854775807\r\n:-9223372036854775808\r\n"), "9223372036854775807; -9223372036854775808; ");
}

TEST(RespReader, holds_its_limits_as_soon_as_a_length_is_declared) {
  RespLimits const small{.value_bytes_max = 40, .line_bytes_max = 10, .depth_max = 2, .elements_max = 5};
  EXPECT_EQ(read("$33\r\n" + std::string(33, 'x') + "\r\n", small), "bulk(" + std::string(33, 'x') + "); ");
  EXPECT_EQ(read("$34\r\n", small), "a reply that is too big");
  EXPECT_EQ(read("$18446744073709551615\r\n", small), "a reply that is too big");
  EXPECT_EQ(read("*2\r\n$10\r\n0123456789\r\n$13\r\n", small), "a reply that is too big");
  EXPECT_EQ(read("*2\r\n$10\r\n0123456789\r\n$12\r\n012345678901\r\n", small),
            "[bulk(0123456789) bulk(012345678901)]; ");
  EXPECT_EQ(read("+0123456789\r\n", small), "simple(0123456789); ");
  EXPECT_EQ(read("+01234567890", small), "a reply that is too big");
  EXPECT_EQ(read("*1\r\n*1\r\n:1\r\n", small), "[[1]]; ");
  EXPECT_EQ(read("*1\r\n*1\r\n*0\r\n", small), "a reply that nests too deep");
  EXPECT_EQ(read("|1\r\n*1\r\n|0\r\n", small), "a reply that nests too deep");
  EXPECT_EQ(read("*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", small), "[1 1 1 1]; ");
  EXPECT_EQ(read("*5\r\n", small), "a reply of too many elements");
  EXPECT_EQ(read("%2\r\n:1\r\n*1\r\n", small), "a reply of too many elements");
  EXPECT_EQ(read("%3\r\n", small), "a reply of too many elements");
  EXPECT_EQ(read("*9223372036854775808\r\n", small), "a reply of too many elements");
}

TEST(RespReader, refuses_a_value_that_never_ends) {
  RespLimits const small{.value_bytes_max = 40};
  std::string attributes;
  for (int i = 0; i < 20; ++i) attributes += "|0\r\n";
  EXPECT_EQ(read(attributes, small), "a reply that is too big");
}

TEST(RespReader, stays_refusing_until_it_is_reset) {
  RespReader reader;
  EXPECT_FALSE(reader.read("?"));
  EXPECT_FALSE(reader.read("+OK\r\n"));
  reader.reset();
  ASSERT_TRUE(reader.read("+OK\r\n"));
  EXPECT_EQ(reader.value().text(), "OK");
}

TEST(RespReader, tells_how_much_it_wants_of_a_long_bulk) {
  RespReader reader;
  std::string wire = "*2\r\n$1000000\r\n";
  ASSERT_EQ(*reader.read(wire), 0u);
  EXPECT_EQ(reader.wanted(), wire.size() + 1'000'002);
  // What it does not yet want costs nothing: a quadratic reader would look at 500 GB here.
  wire.append(1'000'000, 'x').append("\r\n");
  for (std::size_t size = 14; size < wire.size(); ++size) {
    auto const read = reader.read(Bytes(wire).substr(0, size));
    if (!read || *read != 0) FAIL() << "at " << size;
  }
  wire += ":1\r\n";
  EXPECT_EQ(*reader.read(wire), wire.size());
}

TEST(RespReader, looks_at_an_unfinished_line_once) {
  RespReader reader({.line_bytes_max = 2'000'000});
  std::string const wire = "+" + std::string(1'000'000, 'x') + "\r\n";
  for (std::size_t size = 1; size < wire.size(); ++size) {
    auto const read = reader.read(Bytes(wire).substr(0, size));
    if (!read || *read != 0) FAIL() << "at " << size;
  }
  EXPECT_EQ(*reader.read(wire), wire.size());
}

TEST(RespReader, names_the_first_word_of_an_error) {
  RespReader reader;
  ASSERT_TRUE(reader.read("-WRONGPASS invalid username-password pair\r\n"));
  EXPECT_TRUE(reader.value().is_error());
  EXPECT_EQ(reader.value().error_code(), "WRONGPASS");
  ASSERT_TRUE(reader.read("-ERR\r\n"));
  EXPECT_EQ(reader.value().error_code(), "ERR");
}

}  // namespace
}  // namespace chorus::cluster::redis
