#include "base/json.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "base/utf8.hpp"

namespace chorus::json {
namespace {

using namespace std::literals;

/// A copy on a heap block of exactly its size, so that the address sanitizer sees a read of one byte too many.
class Exact {
 public:
  explicit Exact(Bytes text) : block_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    text.copy(block_.get(), text.size());
  }
  Bytes text() const { return {block_.get(), size_}; }

 private:
  std::unique_ptr<char[]> block_;
  std::size_t size_;
};

bool valid(Bytes text) { return is_valid(Exact(text).text()); }

std::string written(Bytes text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string written(auto number) {
  std::string out;
  append_number(out, number);
  return out;
}

TEST(JsonScan, accepts_what_rfc_8259_calls_json) {
  for (auto text : {"null",
                    "true",
                    "false",
                    "0",
                    "-0",
                    "7",
                    "-12",
                    "1.5",
                    "1e5",
                    "1E+5",
                    "1.25e-07",
                    "0.0",
                    "1e400",
                    "\"\"",
                    "\"plain\"",
                    R"("\"\\\/\b\f\n\r\t")",
                    R"("\u00e9\uD83D\ude00")",
                    R"("\ud800")",
                    R"("\udc00x")",
                    "[]",
                    "[ ]",
                    "{}",
                    "{ }",
                    "[1,2,3]",
                    "[ 1 , [ ] , { } ]",
                    R"({"a":1})",
                    R"({ "a" : { "b" : [ null ] } , "a" : 2 })",
                    " \t\r\n1 \n",
                    "\"\x7f\"",
                    "\"ü€😀\"",
                    R"({"":""})",
                    "123456789012345678901234567890"}) {
    EXPECT_TRUE(valid(text)) << text;
  }
}

TEST(JsonScan, refuses_everything_else) {
  for (auto text :
       {"",          " ",       "nul",       "nulll",       "True",       "+1",         "01",        "-",        "-a",
        "1.",        ".5",      "1e",        "1e+",         "1.e5",       "0x10",       "NaN",       "Infinity", "\"",
        "\"abc",     R"("\x")", R"("\u12")", R"("\u12g4")", R"("\)",      "\"a\nb\"",   "\"\x1f\"",  "'a'",      "[",
        "]",         "[1",      "[1,",       "[1,]",        "[,1]",       "[1 2]",      "[1}",       "{",        "}",
        "{\"a\"",    "{\"a\":", "{\"a\":1",  "{\"a\":1,",   "{\"a\":1,}", "{\"a\" 1}",  "{a:1}",     "{1:1}",    "{,}",
        "{\"a\":1]", "1 2",     "[]]",       "//x",         "[1]x",       "\"a\"\"b\"", "[\"a\":1]", "{\"a\",1}"}) {
    EXPECT_FALSE(valid(text)) << text;
  }
  EXPECT_FALSE(valid("1\0"sv));
  EXPECT_FALSE(valid("\"\0\""sv));
  EXPECT_FALSE(valid("[1\v]"));
}

TEST(JsonScan, returns_the_end_of_the_value_and_leaves_what_follows_alone) {
  EXPECT_EQ(scan_value("12[1]rest", 2), 5u);
  EXPECT_EQ(scan_value("[1] x", 0), 3u);
  EXPECT_EQ(scan_value("01", 0), 1u);
  EXPECT_EQ(scan_value("\"a\" ", 0), 3u);
  EXPECT_EQ(scan_value(" 1", 0), std::nullopt) << "the value begins at pos";
  EXPECT_EQ(scan_value("1", 1), std::nullopt);
  EXPECT_EQ(scan_value("1", 99), std::nullopt);
}

TEST(JsonScan, nests_as_deep_as_allowed_and_no_deeper) {
  auto const nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(is_valid(nested(512)));
  EXPECT_FALSE(is_valid(nested(513)));
  EXPECT_TRUE(is_valid("[[]]", 2));
  EXPECT_FALSE(is_valid("[[]]", 1));
  EXPECT_TRUE(is_valid("1", 0));
  EXPECT_FALSE(is_valid("{}", 0));
  EXPECT_TRUE(is_valid(nested(1024), 1'000'000));
  EXPECT_FALSE(is_valid(nested(1025), 1'000'000)) << "the cap holds whatever was asked for";
  std::string objects;
  for (int i = 0; i < 512; ++i) objects += i % 2 == 0 ? R"({"a":)" : "[1,";
  objects += "0";
  for (int i = 511; i >= 0; --i) objects += i % 2 == 0 ? "}" : "]";
  EXPECT_TRUE(is_valid(objects));
}

TEST(JsonScan, refuses_forty_five_thousand_nested_arrays) {
  EXPECT_FALSE(is_valid(std::string(45'000, '[') + std::string(45'000, ']')));
  EXPECT_FALSE(is_valid(std::string(45'000, '[')));
}

TEST(JsonScan, finds_the_special_byte_at_every_place_of_a_block) {
  for (std::size_t length = 0; length < 50; ++length) {
    std::string const plain(length, 'x');
    EXPECT_TRUE(valid("\"" + plain + "\""));
    EXPECT_TRUE(valid("\"" + plain + "\\n" + plain + "\""));
    EXPECT_FALSE(valid("\"" + plain + "\n" + plain + "\""));
    EXPECT_FALSE(valid("\"" + plain));
    EXPECT_FALSE(valid("\"" + plain + "\\"));
    EXPECT_FALSE(valid("\"" + plain + "\\u00"));
  }
}

/// Where nlohmann's parser is knowingly of another opinion: nothing is learnt from the comparison.
enum class Opinion { accepts, refuses, differs_by_design };

Opinion opinion_of_nlohmann(std::string const& text) {
  if (text.find('\0') != std::string::npos || text.starts_with("\xef\xbb\xbf")) return Opinion::differs_by_design;
  try {
    [[maybe_unused]] auto const parsed = nlohmann::json::parse(text);
    return Opinion::accepts;
  } catch (nlohmann::json::out_of_range const&) {
    return Opinion::differs_by_design;  // a number too great for a double
  } catch (nlohmann::json::parse_error const& error) {
    bool const surrogate = std::string_view(error.what()).find("surrogate") != std::string_view::npos;
    return surrogate ? Opinion::differs_by_design : Opinion::refuses;
  }
}

TEST(JsonScan, agrees_with_another_parser_on_fifty_thousand_mutations) {
  std::vector<std::string> const seeds = {
      R"(["chat",{"room":"lobby","n":[1,2.5e-3,-0],"ok":true,"none":null,"s":"a\u00e9\n\"q\""},false])",
      R"({"_placeholder":true,"num":0,"deep":[[[{"a":{"b":{}}}]]],"e":""})",
      R"([ "spaces" , { "a" : 1 , "b" : [ ] } , "längere Zeichenkette über sechzehn Bytes \\ \/ \ud83d\ude00" ])",
      R"([0,1e5,-1.25E+2,123456789,0.5])",
  };
  constexpr std::string_view alphabet = "[]{}:,\"\\/ue0123456789.-+Etrfalsn \n\t\x01ü";
  std::mt19937 random(20261122);
  auto const below = [&random](std::size_t n) { return random() % n; };
  std::size_t accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = seeds[below(seeds.size())];
    for (auto edits = 1 + below(3); edits > 0; --edits) {
      auto const at = below(text.size() + 1);
      char const c = alphabet[below(alphabet.size())];
      switch (below(4)) {
        case 0:
          text.insert(at, 1, c);
          break;
        case 1:
          text.erase(at, 1 + below(3));
          break;
        case 2:
          text.resize(at);
          break;
        default:
          text.replace(at, 1, 1, c);
          break;
      }
    }
    if (!is_utf8(text)) continue;
    auto const theirs = opinion_of_nlohmann(text);
    if (theirs == Opinion::differs_by_design) continue;
    bool const ours = valid(text);
    accepted += ours ? 1 : 0;
    ASSERT_EQ(ours, theirs == Opinion::accepts) << text;
  }
  EXPECT_GT(accepted, 1000u) << "the mutations were too coarse to prove anything";
}

TEST(JsonRead, tells_the_kinds_apart) {
  EXPECT_EQ(kind(""), Kind::missing);
  EXPECT_EQ(kind("null"), Kind::null);
  EXPECT_EQ(kind("true"), Kind::boolean);
  EXPECT_EQ(kind("-1"), Kind::number);
  EXPECT_EQ(kind("0"), Kind::number);
  EXPECT_EQ(kind("\"\""), Kind::string);
  EXPECT_EQ(kind("[]"), Kind::array);
  EXPECT_EQ(kind("{}"), Kind::object);
}

std::vector<std::string> elements(ArrayReader reader) {
  std::vector<std::string> found;
  while (auto const element = reader.next()) found.emplace_back(*element);
  return found;
}

TEST(JsonRead, walks_the_elements_of_an_array) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(elements(ArrayReader("[]")), Texts{});
  EXPECT_EQ(elements(ArrayReader("[ ]")), Texts{});
  EXPECT_EQ(elements(ArrayReader(R"([1,"a,]\"b",[2,[3]],{"k":[4]},null])")),
            (Texts{"1", R"("a,]\"b")", "[2,[3]]", R"({"k":[4]})", "null"}));
  EXPECT_EQ(elements(ArrayReader("[ 1 ,\n2 , [ 3 ] ]")), (Texts{"1", "2", "[ 3 ]"}));
  EXPECT_EQ(elements(ArrayReader(R"({"a":1})")), Texts{});
  EXPECT_EQ(elements(ArrayReader("7")), Texts{});
}

TEST(JsonRead, walks_a_bare_list_and_resumes_where_it_stopped) {
  Bytes const list = R"("x",{"a":1} , 3)";
  auto reader = ArrayReader::of_list(list);
  EXPECT_EQ(reader.next(), R"("x")");
  auto resumed = ArrayReader::of_list(list, reader.position());
  EXPECT_EQ(resumed.next(), R"({"a":1})");
  EXPECT_EQ(resumed.next(), "3");
  EXPECT_EQ(resumed.next(), std::nullopt);
  EXPECT_EQ(resumed.next(), std::nullopt);
}

TEST(JsonRead, walks_the_members_of_an_object) {
  ObjectReader reader(R"({ "a" : 1 ,"b:,":{"c":[]}, "" :"x"})");
  auto const a = reader.next();
  ASSERT_TRUE(a);
  EXPECT_EQ(a->key, "\"a\"");
  EXPECT_EQ(a->value, "1");
  auto const b = reader.next();
  ASSERT_TRUE(b);
  EXPECT_EQ(b->key, "\"b:,\"");
  EXPECT_EQ(b->value, R"({"c":[]})");
  auto const empty = reader.next();
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->key, "\"\"");
  EXPECT_EQ(empty->value, "\"x\"");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(ObjectReader("[1]").next());
}

TEST(JsonRead, finds_a_member_by_its_decoded_name_and_takes_the_last_of_repeated_ones) {
  Bytes const object = R"({"a":1,"\u0062":[2],"a":3,"c":{"a":4}})";
  EXPECT_EQ(find(object, "a"), "3");
  EXPECT_EQ(find(object, "b"), "[2]");
  EXPECT_EQ(find(object, "d"), std::nullopt);
  EXPECT_EQ(find("[1]", "a"), std::nullopt);
  EXPECT_EQ(find("{}", ""), std::nullopt);
}

TEST(JsonRead, decodes_strings) {
  EXPECT_EQ(to_string(R"("")"), "");
  EXPECT_EQ(to_string(R"("plain ü")"), "plain ü");
  EXPECT_EQ(to_string(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(to_string(R"("\u0041\u00e9\u20AC\uD83D\uDE00")"), "Aé€😀");
  EXPECT_EQ(to_string(R"("\u0000")"), "\0"s);
  EXPECT_EQ(to_string("7"), std::nullopt);
  EXPECT_EQ(to_string(""), std::nullopt);
}

TEST(JsonRead, replaces_lone_surrogates) {
  EXPECT_EQ(to_string(R"("\ud800")"), "\ufffd");
  EXPECT_EQ(to_string(R"("\udc00")"), "\ufffd");
  EXPECT_EQ(to_string(R"("\ud800x")"), "\ufffdx");
  EXPECT_EQ(to_string(R"("\ud800\n")"), "\ufffd\n");
  EXPECT_EQ(to_string(R"("\ud800\ud83d\ude00")"), "\ufffd😀");
  EXPECT_EQ(to_string(R"("\ude00\ud83d")"), "\ufffd\ufffd");
}

TEST(JsonRead, compares_strings_as_decoded) {
  EXPECT_TRUE(string_equals(R"("connect")", "connect"));
  EXPECT_TRUE(string_equals(R"("\u0063onnect")", "connect"));
  EXPECT_TRUE(string_equals(R"("")", ""));
  EXPECT_FALSE(string_equals(R"("connect_")", "connect"));
  EXPECT_FALSE(string_equals(R"("\u0063onnec")", "connect"));
  EXPECT_FALSE(string_equals(R"("\u0063onnect2")", "connect"));
  EXPECT_FALSE(string_equals("1", "1"));
  EXPECT_EQ(plain_string(R"("ab")"), "ab");
  EXPECT_EQ(plain_string(R"("a\tb")"), std::nullopt);
  EXPECT_EQ(plain_string("1"), std::nullopt);
}

TEST(JsonRead, reads_integers_strictly) {
  EXPECT_EQ(to_int64("0"), 0);
  EXPECT_EQ(to_int64("-0"), 0);
  EXPECT_EQ(to_int64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_int64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(to_int64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(to_int64("2.0"), 2);
  EXPECT_EQ(to_int64("2e3"), 2000);
  EXPECT_EQ(to_int64("1e-2"), std::nullopt);
  EXPECT_EQ(to_int64("2.5"), std::nullopt);
  EXPECT_EQ(to_int64("1e300"), std::nullopt);
  EXPECT_EQ(to_int64("1e400"), std::nullopt);
  EXPECT_EQ(to_int64("\"2\""), std::nullopt);
  EXPECT_EQ(to_int64("true"), std::nullopt);
  EXPECT_EQ(to_int64(""), std::nullopt);
  EXPECT_EQ(to_uint64("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(to_uint64("18446744073709551616"), std::nullopt);
  EXPECT_EQ(to_uint64("-1"), std::nullopt);
  EXPECT_EQ(to_uint64("-1.0"), std::nullopt);
  EXPECT_EQ(to_uint64("-0"), 0u);
}

TEST(JsonRead, reads_doubles_to_the_last_bit) {
  EXPECT_EQ(to_double("0.1"), 0.1);
  EXPECT_EQ(to_double("-1.5e3"), -1500.0);
  EXPECT_EQ(to_double("5"), 5.0);
  EXPECT_EQ(to_double("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(to_double("4.9e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(std::signbit(*to_double("-0")));
  EXPECT_EQ(to_double("null"), std::nullopt);
  EXPECT_EQ(to_double("\"1\""), std::nullopt);
}

TEST(JsonRead, rounds_too_small_to_zero_and_refuses_too_great) {
  EXPECT_EQ(to_double("1e-400"), 0.0);
  EXPECT_EQ(to_double("-1e-400"), 0.0);
  EXPECT_EQ(to_double("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(to_double("1e400"), std::nullopt);
  EXPECT_EQ(to_double("-1e400"), std::nullopt);
  EXPECT_EQ(to_double(std::string(400, '9')), std::nullopt);
  EXPECT_EQ(to_double("1e99999999999999999999"), std::nullopt);
  EXPECT_EQ(to_double("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(to_double("0e99999999999999999999"), 0.0);
}

TEST(JsonRead, reads_booleans_and_null) {
  EXPECT_EQ(to_bool("true"), true);
  EXPECT_EQ(to_bool("false"), false);
  EXPECT_EQ(to_bool("1"), std::nullopt);
  EXPECT_TRUE(is_null("null"));
  EXPECT_FALSE(is_null("0"));
}

TEST(JsonRead, stays_inside_its_text_even_when_that_is_no_json) {
  for (auto text :
       {"[",   "[\"", "[\"\\", "{",     "{\"a",  "{\"a\"",         "{\"a\":",   "{\"a\":\"", "{\"\\u", "[}", "{]",
        "[[[", "]]]", ",",     "[,,,]", "{a:b}", "\"\\ud83d\\u\"", "\"\\u12\"", "\"\\\"",    "-",      "[1e"}) {
    Exact const copy{Bytes(text)};
    ArrayReader array(copy.text());
    while (array.next()) {
    }
    ObjectReader object(copy.text());
    while (object.next()) {
    }
    find(copy.text(), "a");
    to_string(copy.text());
    string_equals(copy.text(), "a");
    to_int64(copy.text());
    to_double(copy.text());
    EXPECT_LE(skip_value(copy.text(), 0), copy.text().size()) << text;
  }
}

TEST(JsonWrite, escapes_what_must_be_escaped_and_nothing_else) {
  EXPECT_EQ(written(""sv), R"("")");
  EXPECT_EQ(written("plain / ü 😀 \x7f"sv), "\"plain / ü 😀 \x7f\"");
  EXPECT_EQ(written("\"\\\b\f\n\r\t"sv), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(written("\0\x01\x1f"sv), R"("\u0000\u0001\u001f")");
}

TEST(JsonWrite, replaces_what_is_no_utf8) {
  EXPECT_EQ(written("a\xff"
                    "b"sv),
            "\"a\ufffdb\"");
  EXPECT_EQ(written("\xc3"sv), "\"\ufffd\"");
  EXPECT_EQ(written("\xc3\"\xa9"sv), "\"\ufffd\\\"\ufffd\"");
  EXPECT_EQ(written("\xe2\x82x"sv), "\"\ufffdx\"") << "one for the beginning of a character";
  EXPECT_EQ(written("\xed\xa0\x80"sv), "\"\ufffd\ufffd\ufffd\"") << "an encoded surrogate";
  EXPECT_EQ(written("\xc0\xaf"sv), "\"\ufffd\ufffd\"");
  EXPECT_EQ(written("\xf4\x90\x80\x80"sv), "\"\ufffd\ufffd\ufffd\ufffd\"");
  EXPECT_EQ(written("ü\xf0\x9f\x98 😀\xfe"sv), "\"ü\ufffd 😀\ufffd\"");
}

TEST(JsonWrite, any_bytes_become_a_string_that_is_valid_and_reads_back) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    auto const json = written(Bytes(bytes));
    ASSERT_TRUE(is_utf8(json));
    ASSERT_TRUE(valid(json));
    auto const back = to_string(json);
    ASSERT_TRUE(back);
    ASSERT_EQ(written(Bytes(*back)), json);
    if (is_utf8(bytes)) {
      ASSERT_EQ(*back, bytes);
    }
  }
}

TEST(JsonWrite, writes_numbers_as_the_shortest_text_that_reads_back) {
  EXPECT_EQ(written(std::int64_t{-5}), "-5");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(1.0), "1");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(-2.5e-9), "-2.5e-09");
  EXPECT_EQ(written(1e300), "1e+300");
  EXPECT_EQ(written(0.1f), "0.1");
  EXPECT_EQ(written(std::nan("")), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  std::mt19937_64 random(11);
  for (int round = 0; round < 5000; ++round) {
    auto const number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    auto const text = written(number);
    ASSERT_TRUE(valid(text)) << text;
    ASSERT_EQ(to_double(text), number) << text;
  }
}

}  // namespace
}  // namespace chorus::json
