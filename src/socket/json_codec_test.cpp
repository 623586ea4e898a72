#include "chorus/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace chorus {
namespace {

using nlohmann::json;

std::string encoded(json const& value) { return encode_args(value).text(); }

TEST(JsonCodec, writes_every_kind_of_value) {
  EXPECT_EQ(encoded(json::parse(R"({"a":[1,-2,0.5,"x\n",true,null,{}],"b":18446744073709551615})")),
            R"({"a":[1,-2,0.5,"x\n",true,null,{}],"b":18446744073709551615})");
  EXPECT_EQ(encoded(json()), "null");
  EXPECT_EQ(encoded(json("\xff")), "\"\ufffd\"") << "never throws, as json::dump would";
}

TEST(JsonCodec, reads_every_kind_of_value) {
  std::string const text = R"({"a":[1,-2,0.5,"x\n",true,null,{}],"b":18446744073709551615,"c":1.0})";
  auto const value = ArgView(text).as<json>();
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, json::parse(text));
  EXPECT_TRUE((*value)["a"][0].is_number_unsigned());
  EXPECT_TRUE((*value)["a"][1].is_number_integer());
  EXPECT_TRUE((*value)["c"].is_number_float());
  EXPECT_EQ(ArgView("null").as<json>(), json());
  EXPECT_EQ(ArgView("[]").as<json>(), json::array());
  EXPECT_EQ(ArgView("{}").as<json>(), json::object());
  EXPECT_EQ(ArgView(R"("\ud800")").as<json>(), json("\ufffd"));
}

TEST(JsonCodec, has_nothing_for_the_missing_argument_and_for_too_great_a_number) {
  EXPECT_EQ(ArgView().as<json>(), std::nullopt);
  EXPECT_EQ(ArgView("[1e999]").as<json>(), std::nullopt);
}

TEST(JsonCodec, carries_binary_values_as_attachments_both_ways) {
  json value = {{"name", "picture"}, {"bytes", json::binary({0, 255, 1})}, {"more", {json::binary({})}}};
  auto const out = encode_args("x", value);
  EXPECT_EQ(out.text(),
            R"("x",{"bytes":{"_placeholder":true,"num":0},"more":[{"_placeholder":true,"num":1}],"name":"picture"})");
  EXPECT_EQ(out.attachments(), (std::vector<std::string>{std::string("\0\xff\1", 3), ""}));
  EXPECT_EQ(Args(out.text(), out.attachments())[1].as<json>(), value);
}

}  // namespace
}  // namespace chorus
