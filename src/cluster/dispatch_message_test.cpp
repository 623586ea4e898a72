#include "cluster/dispatch_message.hpp"

#include <gtest/gtest.h>

namespace chorus::cluster {
namespace {

TEST(DispatchMessage, is_the_origins_json_with_who_sent_it) {
  UserId const user{"7"};
  auto const text = encode_dispatch(
      {.channel = "c", .user = user, .event = "message_sent", .args_json = R"({"message":"hi"})"}, "0a1b", 12);
  EXPECT_EQ(text, R"({"event":"message_sent","id":"7","args":{"message":"hi"},"from":"0a1b:12"})");
  auto const read = decode_dispatch(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "7");
  EXPECT_EQ(read->id_json, "\"7\"");
  EXPECT_EQ(read->event_json, "\"message_sent\"");
  EXPECT_EQ(read->args_json, R"({"message":"hi"})");
  EXPECT_EQ(read->node, "0a1b");
}

TEST(DispatchMessage, comes_from_anybody_in_any_order_with_any_spaces) {
  auto const text = " { \"args\" : [1, 2] , \"x\":{}, \"id\" : 7 , \"event\":\"a\\u0062\" }\n";
  auto const read = decode_dispatch(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "7");
  EXPECT_EQ(read->id_json, "7");
  EXPECT_EQ(read->event_json, R"("a\u0062")");
  EXPECT_EQ(read->args_json, "[1, 2]");
  EXPECT_EQ(read->node, "");
  EXPECT_EQ(decode_dispatch(R"({"event":"e","id":"i"})")->args_json, "");
  EXPECT_EQ(decode_dispatch(R"({"event":"e","id":"i","from":5})")->node, "");
}

TEST(DispatchMessage, becomes_the_envelope_of_the_users_devices) {
  std::string out = "before:";
  append_envelope(out, *decode_dispatch(R"({"id":7,"from":"n:1","args":{"a":[]},"event":"e"})"));
  EXPECT_EQ(out, R"(before:{"event":"e","id":7,"args":{"a":[]}})");
  out.clear();
  append_envelope(out, *decode_dispatch(R"({"event":"e","id":"i"})"));
  EXPECT_EQ(out, R"({"event":"e","id":"i"})");
}

TEST(DispatchMessage, its_own_node_knows_it_by_its_end) {
  UserId const user{"7"};
  socket::Dispatch const dispatch{.channel = "c", .user = user, .event = "e", .args_json = ""};
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
