#include "engine/request_error.hpp"

#include <gtest/gtest.h>

namespace chorus::engine {
namespace {

void expect(RequestError error, int status, Bytes body) {
  auto const answer = answer_of(error);
  EXPECT_EQ(answer.status, status);
  EXPECT_EQ(answer.content_type, HttpAnswer::ContentType::json);
  EXPECT_EQ(answer.body, body);
}

TEST(RequestError, is_told_with_its_code_and_message) {
  expect(RequestError::unknown_transport, 400, R"({"code":0,"message":"Transport unknown"})");
  expect(RequestError::unknown_session, 400, R"({"code":1,"message":"Session ID unknown"})");
  expect(RequestError::bad_handshake_method, 400, R"({"code":2,"message":"Bad handshake method"})");
  expect(RequestError::bad_request, 400, R"({"code":3,"message":"Bad request"})");
  expect(RequestError::forbidden, 403, R"({"code":4,"message":"Forbidden"})");
  expect(RequestError::unsupported_version, 400, R"({"code":5,"message":"Unsupported protocol version"})");
}

TEST(RequestError, tells_a_hooks_message_as_a_json_string) {
  EXPECT_EQ(answer_of(RequestError::forbidden, "no \"thanks\"\n\\ \xc3\xa9").body,
            "{\"code\":4,\"message\":\"no \\\"thanks\\\"\\u000a\\\\ \xc3\xa9\"}");
}

}  // namespace
}  // namespace chorus::engine
