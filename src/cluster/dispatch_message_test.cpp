#include "cluster/dispatch_message.hpp"

#include <gtest/gtest.h>

namespace chorus::cluster {
namespace {

TEST(DispatchMessage, is_the_origins_json_with_who_sent_it) {
  socket::Dispatch dispatch;
  dispatch.user = UserId{"7"};
  dispatch.event = "message_sent";
  dispatch.args_json = R"({"message":"hi"})";
  auto const text = encode_dispatch(dispatch, "0a1b", 12);
  EXPECT_EQ(text, R"({"event":"message_sent","id":"7","args":{"message":"hi"},"from":"0a1b:12"})");
  auto const read = decode_dispatch(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "7");
  EXPECT_EQ(read->id_json, "\"7\"");
  EXPECT_EQ(read->event, "message_sent");
  EXPECT_EQ(read->args_json, R"({"message":"hi"})");
  EXPECT_EQ(read->node, "0a1b");
}

TEST(DispatchMessage, comes_from_anybody_in_any_order_with_any_spaces) {
  auto const read = decode_dispatch(" { \"args\" : [1, 2] , \"x\":{}, \"id\" : 7 , \"event\":\"a\\u0062\" }\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "7");
  EXPECT_EQ(read->id_json, "7");
  EXPECT_EQ(read->event, "ab");
  EXPECT_EQ(read->args_json, "[1, 2]");
  EXPECT_EQ(read->node, "");
  EXPECT_EQ(decode_dispatch(R"({"event":"e","id":"i"})")->args_json, "");
  EXPECT_EQ(decode_dispatch(R"({"event":"e","id":"i","from":5})")->node, "");
}

TEST(DispatchMessage, its_own_node_knows_it_by_its_end) {
  socket::Dispatch dispatch;
  dispatch.user = UserId{"7"};
  dispatch.event = "e";
  EXPECT_TRUE(is_from(encode_dispatch(dispatch, "0a1b", 12), "0a1b"));
  EXPECT_FALSE(is_from(encode_dispatch(dispatch, "0a1b", 12), "a1b"));
  EXPECT_FALSE(is_from(encode_dispatch(dispatch, "0a1b", 12), "ffff"));
  for (char const* text : {"", "\"}", R"(:"})", R"(0a1b:1"})", R"({"event":"e","args":{"event":"e","from":"0a1b:1"}})",
                           R"({"event":"e","args":"\",\"from\":\"0a1b:1"})", R"({"event":"e","from":"0a1b:x"})"})
    EXPECT_FALSE(is_from(text, "0a1b")) << text;
}

TEST(DispatchMessage, anything_else_is_refused) {
  for (char const* text : {"", "x", "null", "[]", "{}", R"({"event":"e"})", R"({"id":"i"})", R"({"event":1,"id":"i"})",
                           R"({"event":"e","id":null})", R"({"event":"e","id":{}})", R"({"event":"e","id":"i")",
                           "{\"event\":\"\xff\",\"id\":\"i\"}"})
    EXPECT_FALSE(decode_dispatch(text)) << text;
}

}  // namespace
}  // namespace chorus::cluster
