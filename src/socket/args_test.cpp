#include "chorus/args.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/json.hpp"

namespace chorus {
namespace {

struct User {
  std::string name;
  int age = 0;
  std::optional<std::string> mail;
  std::vector<std::string> rooms;

  friend bool operator==(User const&, User const&) = default;
};

struct Message {
  User from;
  Binary picture;

  friend bool operator==(Message const&, Message const&) = default;
};

/// A tree: a described type may contain itself.
struct Tree {
  std::vector<Tree> children;
};

/// A type with a codec of its own: `"12:30"`.
struct ClockTime {
  int hour = 0;
  int minute = 0;

  friend bool operator==(ClockTime const&, ClockTime const&) = default;
};

}  // namespace

template <>
inline constexpr auto fields<User> = std::tuple{field("name", &User::name), field("age", &User::age),
                                                field("mail", &User::mail), field("rooms", &User::rooms)};
template <>
inline constexpr auto fields<Message> = std::tuple{field("from", &Message::from), field("picture", &Message::picture)};
template <>
inline constexpr auto fields<Tree> = std::tuple{field("children", &Tree::children)};

template <>
struct Codec<ClockTime> {
  static void encode(ArgsWriter& out, ClockTime const& time) {
    out.string(std::to_string(time.hour) + ":" + std::to_string(time.minute));
  }
  static std::optional<ClockTime> decode(ArgView view) {
    auto const text = view.as<std::string>();
    if (!text || text->find(':') == std::string::npos) return std::nullopt;
    return ClockTime{std::stoi(*text), std::stoi(text->substr(text->find(':') + 1))};
  }
};

namespace {

template <class... Ts>
std::string encoded(Ts const&... values) {
  auto writer = encode_args(values...);
  EXPECT_TRUE(sizeof...(Ts) == 0 || json::is_valid("[" + writer.text() + "]")) << writer.text();
  return std::move(writer).text();
}

template <class T>
std::optional<T> decoded(std::string_view raw) {
  return ArgView(raw).as<T>();
}

// ---- Outgoing ----

TEST(ArgsEncode, writes_scalars_as_javascript_does) {
  EXPECT_EQ(encoded(), "");
  EXPECT_EQ(encoded(true, false), "true,false");
  EXPECT_EQ(encoded(1, -2, 3u, std::int8_t{-4}, std::uint8_t{200}, std::numeric_limits<std::uint64_t>::max()),
            "1,-2,3,-4,200,18446744073709551615");
  EXPECT_EQ(encoded(1.0, 0.5, 0.1f, std::nan("")), "1,0.5,0.1,null");
  EXPECT_EQ(encoded(nullptr, std::monostate(), std::optional<int>(), std::optional<int>(5)), "null,null,null,5");
}

TEST(ArgsEncode, writes_every_kind_of_string) {
  char const* pointer = "pointer";
  char buffer[16] = "buffer";
  char const* none = nullptr;
  EXPECT_EQ(encoded("literal", std::string("string"), std::string_view("view"), pointer, buffer, none),
            R"("literal","string","view","pointer","buffer",null)");
  EXPECT_EQ(encoded("a\"b\n"), R"("a\"b\n")");
  EXPECT_EQ(encoded("\xff"), "\"\ufffd\"");
}

TEST(ArgsEncode, writes_containers) {
  EXPECT_EQ(encoded(std::vector<int>{1, 2}, std::vector<bool>{true, false}, std::vector<std::string>{}),
            "[1,2],[true,false],[]");
  EXPECT_EQ(encoded(std::array<int, 2>{1, 2}, std::pair(1, "a"), std::tuple<int, bool, std::string>(1, true, "x"),
                    std::tuple<>()),
            R"([1,2],[1,"a"],[1,true,"x"],[])");
  EXPECT_EQ(encoded(std::map<std::string, int>{{"a", 1}, {"b\"", 2}}, std::unordered_map<std::string, int>{}),
            R"({"a":1,"b\"":2},{})");
  EXPECT_EQ(encoded(std::vector<std::map<std::string, std::optional<int>>>{{{"a", 1}}, {{"b", {}}}}),
            R"([{"a":1},{"b":null}])");
}

TEST(ArgsEncode, passes_raw_json_through) {
  EXPECT_EQ(encoded(RawJson{R"({"a":[1, 2]})"}, RawJson{"null"}), R"({"a":[1, 2]},null)");
}

TEST(ArgsEncodeDeathTest, raw_json_that_is_none_is_our_own_bug) {
#ifndef NDEBUG
  EXPECT_DEATH(encode_args(RawJson{"{"}), "RawJson must hold one valid JSON value");
  EXPECT_DEATH(encode_args(RawJson{"1,2"}), "RawJson must hold one valid JSON value");
#endif
}

TEST(ArgsEncode, SX4_puts_binary_beside_the_text_wherever_it_stands) {
  auto const args = encode_args("x", Binary("\1\2"), std::vector<Binary>{Binary("a"), Binary()}, 7);
  EXPECT_EQ(args.text(),
            R"("x",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}],7)");
  EXPECT_EQ(args.attachments(), (std::vector<std::string>{"\1\2", "a", ""}));
  std::array<std::byte, 2> const bytes = {std::byte{0xff}, std::byte{0}};
  EXPECT_EQ(Binary(bytes).bytes(), std::string("\xff\0", 2));
}

TEST(ArgsEncode, SX4_SX5_puts_binary_beside_the_text_deep_inside_and_among_nulls) {
  std::map<std::string, std::vector<std::map<std::string, std::optional<Binary>>>> const deep = {
      {"a", {{{"b", std::nullopt}, {"c", Binary("x")}}, {{"d", std::nullopt}}}}};
  auto const args = encode_args(nullptr, deep);
  EXPECT_EQ(args.text(), R"(null,{"a":[{"b":null,"c":{"_placeholder":true,"num":0}},{"d":null}]})");
  EXPECT_EQ(args.attachments(), std::vector<std::string>{"x"});
}

TEST(ArgsEncode, passes_received_values_on_as_they_came) {
  EXPECT_EQ(encoded(ArgView(R"({"a" : [1.50, "\u00e9"]})"), ArgView(), ArgView("7")),
            R"({"a" : [1.50, "\u00e9"]},null,7)");
  ArgsWriter out;
  out.add("first");
  out.add_all(Args());
  out.add_all(Args(R"(1, {"b":2})"));
  out.add("last");
  EXPECT_EQ(out.text(), R"("first",1, {"b":2},"last")");
}

TEST(ArgsEncode, gives_received_attachments_numbers_of_the_new_packet) {
  std::vector<std::string> const attachments = {"zero", "one", "two"};
  Args const args(R"({"x":{"_placeholder":true,"num":2}},[{"num":0,"_placeholder":true}],"x")", attachments);
  auto const out = encode_args(Binary("new"), args[1], args[0]);
  EXPECT_EQ(out.text(), R"({"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}],)"
                        R"({"x":{"_placeholder":true,"num":2}})");
  EXPECT_EQ(out.attachments(), (std::vector<std::string>{"new", "zero", "two"})) << "an unused one stays behind";

  ArgsWriter all;
  all.add(Binary("new"));
  all.add_all(args);
  EXPECT_EQ(all.text(), R"({"_placeholder":true,"num":0},{"x":{"_placeholder":true,"num":1}},)"
                        R"([{"_placeholder":true,"num":2}],"x")");
  EXPECT_EQ(all.attachments(), (std::vector<std::string>{"new", "two", "zero"}));
}

TEST(ArgsEncode, sends_an_attachment_once_that_is_named_twice) {
  std::vector<std::string> const attachments = {"a"};
  ArgsWriter out;
  out.add_all(Args(R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":0})", attachments));
  EXPECT_EQ(out.text(), R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":0})");
  EXPECT_EQ(out.attachments(), attachments);
}

TEST(ArgsEncode, takes_placeholders_without_attachments_for_what_they_look_like) {
  EXPECT_EQ(encoded(ArgView(R"({"_placeholder":true,"num":0})")), R"({"_placeholder":true,"num":0})");
}

TEST(ArgsEncode, writes_own_types_by_fields_or_codec) {
  EXPECT_EQ(encoded(User{"Ada", 36, std::nullopt, {"lobby"}}),
            R"({"name":"Ada","age":36,"mail":null,"rooms":["lobby"]})");
  EXPECT_EQ(encoded(ClockTime{12, 30}), R"("12:30")");
  EXPECT_EQ(encoded(std::vector<ClockTime>{{1, 2}}), R"(["1:2"])");
}

TEST(ArgsEncode, writes_objects_and_arrays_by_hand) {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    object.member("a", 1).member("b", "x");
    ArrayWriter array(object.next("c"));
    array.element(1).element(nullptr);
    array.next().boolean(true);
  }
  EXPECT_EQ(out.text(), R"({"a":1,"b":"x","c":[1,null,true]})");
  out.clear();
  EXPECT_EQ(out.text(), "");
}

// ---- Incoming ----

TEST(ArgsDecode, is_strict_about_scalars) {
  EXPECT_EQ(decoded<bool>("true"), true);
  EXPECT_EQ(decoded<bool>("1"), std::nullopt);
  EXPECT_EQ(decoded<int>("-5"), -5);
  EXPECT_EQ(decoded<int>("2147483648"), std::nullopt);
  EXPECT_EQ(decoded<int>("5.0"), 5);
  EXPECT_EQ(decoded<int>("5.5"), std::nullopt);
  EXPECT_EQ(decoded<int>("\"5\""), std::nullopt);
  EXPECT_EQ(decoded<int>("true"), std::nullopt);
  EXPECT_EQ(decoded<std::uint8_t>("255"), 255);
  EXPECT_EQ(decoded<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(decoded<unsigned>("-1"), std::nullopt);
  EXPECT_EQ(decoded<double>("0.25"), 0.25);
  EXPECT_EQ(decoded<float>("0.25"), 0.25f);
  EXPECT_EQ(decoded<float>("1e39"), std::nullopt);
  EXPECT_EQ(decoded<double>("null"), std::nullopt);
  EXPECT_EQ(decoded<std::string>(R"("a\u00e9")"), "aé");
  EXPECT_EQ(decoded<std::string>("5"), std::nullopt);
  EXPECT_TRUE(decoded<std::nullptr_t>("null"));
  EXPECT_FALSE(decoded<std::nullptr_t>("0"));
  EXPECT_TRUE(decoded<std::monostate>("null"));
}

TEST(ArgsDecode, optional_takes_null_and_missing_but_no_wrong_type) {
  EXPECT_EQ(decoded<std::optional<int>>("5"), std::optional<std::optional<int>>(5));
  EXPECT_EQ(decoded<std::optional<int>>("null"), std::optional<std::optional<int>>(std::in_place));
  EXPECT_EQ(ArgView().as<std::optional<int>>(), std::optional<std::optional<int>>(std::in_place));
  EXPECT_EQ(decoded<std::optional<int>>("\"5\""), std::nullopt);
}

TEST(ArgsDecode, reads_containers_whole_or_not_at_all) {
  EXPECT_EQ(decoded<std::vector<int>>("[1, 2,3]"), (std::vector{1, 2, 3}));
  EXPECT_EQ(decoded<std::vector<bool>>("[true,false]"), (std::vector{true, false}));
  EXPECT_EQ(decoded<std::vector<int>>("[]"), std::vector<int>());
  EXPECT_EQ(decoded<std::vector<int>>("[1,\"2\"]"), std::nullopt);
  EXPECT_EQ(decoded<std::vector<int>>("{}"), std::nullopt);
  EXPECT_EQ((decoded<std::array<int, 2>>("[1,2]")), (std::array{1, 2}));
  EXPECT_EQ((decoded<std::array<int, 2>>("[1,2,3]")), std::nullopt);
  EXPECT_EQ((decoded<std::array<int, 2>>("[1]")), std::nullopt);
  EXPECT_EQ((decoded<std::pair<int, std::string>>(R"([1,"a"])")), std::pair(1, std::string("a")));
  EXPECT_EQ((decoded<std::tuple<int, bool, std::vector<int>>>("[1,true,[2]]")), std::tuple(1, true, std::vector{2}));
  EXPECT_EQ((decoded<std::tuple<int, bool>>("[true,1]")), std::nullopt);
  EXPECT_TRUE(decoded<std::tuple<>>("[]"));
  EXPECT_EQ((decoded<std::map<std::string, int>>(R"({"a":1,"\u0062":2,"a":3})")),
            (std::map<std::string, int>{{"a", 3}, {"b", 2}}));
  EXPECT_EQ((decoded<std::unordered_map<std::string, int>>("[]")), std::nullopt);
  EXPECT_EQ((decoded<std::map<std::string, int>>(R"({"a":null})")), std::nullopt);
}

TEST(ArgsDecode, reads_described_types) {
  EXPECT_EQ(decoded<User>(R"({"age":36,"unknown":[{}],"rooms":["lobby"],"name":"Ada"})"),
            (User{"Ada", 36, std::nullopt, {"lobby"}}));
  EXPECT_EQ(decoded<User>(R"({"age":36,"rooms":[],"name":"Ada","mail":"a@b"})"), (User{"Ada", 36, "a@b", {}}));
  EXPECT_EQ(decoded<User>(R"({"age":36,"rooms":[]})"), std::nullopt) << "name is missing";
  EXPECT_EQ(decoded<User>(R"({"age":"36","rooms":[],"name":"Ada"})"), std::nullopt) << "age is no number";
  EXPECT_EQ(decoded<User>("null"), std::nullopt);
  EXPECT_EQ(decoded<ClockTime>("\"12:30\""), (ClockTime{12, 30}));
  auto const tree = decoded<Tree>(R"({"children":[{"children":[]},{"children":[{"children":[]}]}]})");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->children.at(1).children.size(), 1u);
}

TEST(ArgsDecode, takes_raw_json_as_it_stands) {
  EXPECT_EQ(decoded<RawJson>(R"({"a": 1})"), RawJson{R"({"a": 1})"});
  EXPECT_EQ(ArgView().as<RawJson>(), std::nullopt);
}

TEST(ArgsDecode, takes_binary_from_a_placeholder_only) {
  std::vector<std::string> const attachments = {"zero", "one"};
  ArgView const view(R"({"_placeholder":true,"num":1})", attachments);
  EXPECT_EQ(view.as<Binary>(), Binary("one"));
  EXPECT_EQ(view.binary()->data(), attachments[1].data()) << "looked at without a copy";
  for (auto raw : {R"({"_placeholder":true,"num":2})", R"({"_placeholder":true,"num":-1})", R"({"_placeholder":true})",
                   R"({"_placeholder":false,"num":1})", R"({"num":1})", "{}", "\"one\"", "1", "null"}) {
    EXPECT_EQ(ArgView(raw, attachments).as<Binary>(), std::nullopt) << raw;
  }
  EXPECT_EQ(decoded<Binary>(R"({"_placeholder":true,"num":0})"), std::nullopt) << "no attachments came with it";
}

TEST(ArgView, walks_objects_and_arrays) {
  std::vector<std::string> const attachments = {"bytes"};
  ArgView const view(R"({"list":[1,{"deep":{"_placeholder":true,"num":0}}],"none":null})", attachments);
  EXPECT_EQ(view.kind(), ArgKind::object);
  EXPECT_EQ(view.size(), 2u);
  EXPECT_EQ(view["list"].size(), 2u);
  EXPECT_EQ(view["list"][0].as<int>(), 1);
  EXPECT_EQ(view["list"][1]["deep"].as<Binary>(), Binary("bytes"));
  EXPECT_TRUE(view["none"].is_null());
  EXPECT_TRUE(view["absent"].is_missing());
  EXPECT_TRUE(view["list"][2].is_missing());
  EXPECT_TRUE(view["absent"]["deeper"][7].is_missing());
  EXPECT_EQ(view["list"]["no object"].as<int>(), std::nullopt);
  EXPECT_EQ(ArgView("7").size(), 0u);
}

TEST(ArgView, cursors_give_each_element_and_member_in_turn) {
  std::string seen;
  for (ArrayCursor cursor(ArgView(R"([1,"a",[2]])")); auto const element = cursor.next();)
    seen.append(element->raw()) += ' ';
  for (ObjectCursor cursor(ArgView(R"({"a":1,"\u0062":{}})")); auto const member = cursor.next();) {
    seen.append(member->key).append(member->value.raw()) += ' ';
  }
  EXPECT_EQ(seen, R"(1 "a" [2] a1 b{} )");
  EXPECT_FALSE(ArrayCursor(ArgView("{}")).next());
  EXPECT_FALSE(ObjectCursor(ArgView("[]")).next());
  EXPECT_FALSE(ArrayCursor(ArgView()).next());
}

TEST(Args, are_counted_and_found_in_any_order) {
  Args const args(R"("x" , {"a":[1,2]},null)");
  EXPECT_EQ(args.size(), 3u);
  EXPECT_FALSE(args.empty());
  EXPECT_EQ(args[2].kind(), ArgKind::null);
  EXPECT_EQ(args[0].as<std::string>(), "x");
  EXPECT_EQ(args[1]["a"][1].as<int>(), 2);
  EXPECT_EQ(args[1].raw(), R"({"a":[1,2]})");
  EXPECT_TRUE(args[3].is_missing());
  EXPECT_TRUE(args[99].is_missing());
  EXPECT_EQ(args[0].as<std::string>(), "x");
  EXPECT_EQ(Args().size(), 0u);
  EXPECT_TRUE(Args()[0].is_missing());
}

TEST(Args, become_a_handlers_parameters_all_or_nothing) {
  Args const args(R"("x",7)");
  EXPECT_EQ((args.as<std::string, int>()), std::tuple(std::string("x"), 7));
  EXPECT_EQ((args.as<std::string>()), std::tuple(std::string("x"))) << "more than asked for are ignored";
  EXPECT_EQ((args.as<std::string, int, std::optional<int>>()), std::tuple(std::string("x"), 7, std::optional<int>()));
  EXPECT_FALSE((args.as<std::string, int, int>()));
  EXPECT_FALSE((args.as<int, int>()));
  EXPECT_TRUE(args.as<>());
  auto const views = args.as<ArgView, ArgView, ArgView>();
  ASSERT_TRUE(views);
  EXPECT_EQ(std::get<1>(*views).as<int>(), 7);
  EXPECT_TRUE(std::get<2>(*views).is_missing());
}

TEST(Args, what_is_written_reads_back_as_the_same) {
  Message const message = {{"Ada \"the\" first\n", -1, "a@b", {"é", ""}}, Binary(std::string("\0\xff", 2))};
  auto const out = encode_args(message, 1e-300, std::vector<std::optional<bool>>{true, std::nullopt});
  Args const args(out.text(), out.attachments());
  EXPECT_EQ((args.as<Message, double, std::vector<std::optional<bool>>>()),
            std::tuple(message, 1e-300, std::vector<std::optional<bool>>{true, std::nullopt}));
}

static_assert(Encodable<int> && Encodable<User> && Encodable<char const[5]> && Encodable<std::string_view> &&
              Encodable<ArgView>);
static_assert(!Encodable<char> && !Encodable<void*>);
static_assert(Decodable<int> && Decodable<User> && Decodable<ArgView> && !Decodable<std::string_view>);

}  // namespace
}  // namespace chorus
