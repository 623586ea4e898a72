#include "app/supervisor/control_messages.hpp"

#include <gmock/gmock.h>

namespace chorus::app {
namespace {

using testing::HasSubstr;

TEST(ChildMessage, says_that_a_process_serves) {
  auto const text = encode(ReadyMessage{.workers = 4, .io_uring = true, .descriptors = 1048576});
  EXPECT_EQ(text, R"({"say":"ready","workers":4,"ioUring":true,"descriptors":1048576,"node":null})");
  auto const message = decode_child_message(text);
  ASSERT_TRUE(message);
  auto const& ready = std::get<ReadyMessage>(*message);
  EXPECT_EQ(ready.workers, 4u);
  EXPECT_TRUE(ready.io_uring);
  EXPECT_EQ(ready.descriptors, 1048576u);
  EXPECT_FALSE(ready.node);
}

TEST(ChildMessage, names_the_process_among_the_nodes) {
  auto const text = encode(ReadyMessage{.workers = 1, .node = "QmFzZTY0"});
  EXPECT_EQ(text, R"({"say":"ready","workers":1,"ioUring":false,"descriptors":0,"node":"QmFzZTY0"})");
  EXPECT_EQ(std::get<ReadyMessage>(*decode_child_message(text)).node, "QmFzZTY0");
}

TEST(ChildMessage, counts) {
  auto const text = encode(StatsMessage{.connections = 3, .sessions = 2, .users = 1});
  EXPECT_EQ(text, R"({"say":"stats","connections":3,"sessions":2,"users":1})");
  EXPECT_EQ(std::get<StatsMessage>(*decode_child_message(text)).connections, 3u);
}

TEST(ChildMessage, is_nothing_when_it_is_garbage) {
  for (auto const* text :
       {"", "ready", "{}", R"({"say":"ready"})", R"({"say":"boo","workers":4})", R"({"say":7})", "[1]",
        "{\"say\":\"\xff\"}", R"({"say":"stats","connections":-1,"sessions":2,"users":1})", R"({"say":"stats"} )"})
    EXPECT_FALSE(decode_child_message(text)) << text;
}

TEST(SupervisorMessage, is_one_of_two_orders_or_says_who_died) {
  for (SupervisorMessage const& message :
       {SupervisorMessage{ChildOrder::relieve}, {ChildOrder::stats}, {NodeDiedMessage{"n1"}}})
    EXPECT_EQ(decode_supervisor_message(encode(message)), message);
  EXPECT_EQ(encode(ChildOrder::relieve), R"({"say":"relieve"})");
  EXPECT_EQ(encode(NodeDiedMessage{"n1"}), R"({"say":"nodeDied","node":"n1"})");
  for (auto const* text : {R"({"say":"dance"})", "{}", "", R"({"say":"nodeDied"})", R"({"say":"nodeDied","node":7})"})
    EXPECT_FALSE(decode_supervisor_message(text)) << text;
}

TEST(ControlRequest, tells_its_version) {
  EXPECT_EQ(encode({ControlRequest::What::take_over}), R"({"version":1,"ask":"takeOver"})");
  for (auto const what : {ControlRequest::What::status, ControlRequest::What::take_over, ControlRequest::What::retire})
    EXPECT_EQ(decode_control_request(encode({what}))->what, what);
  auto const newer = decode_control_request(R"({"version":2,"ask":"somethingNew"})");
  ASSERT_TRUE(newer) << "it is to get an answer";
  EXPECT_EQ(newer->version, 2u);
  EXPECT_FALSE(decode_control_request(R"({"version":1,"ask":"somethingNew"})"));
  EXPECT_FALSE(decode_control_request(R"({"ask":"status"})"));
}

TEST(StatusReport, comes_back_as_it_was) {
  StatusReport const report{.pid = 7,
                            .version = "1.2.3",
                            .host = "localhost",
                            .port = 7999,
                            .redis = "none",
                            .processes = {{.slot = 0,
                                           .pid = 8,
                                           .state = "ready",
                                           .age_ms = 1500,
                                           .restarts = 2,
                                           .connections = 3,
                                           .sessions = 2,
                                           .users = 1},
                                          {.slot = 1, .state = "waiting to be restarted"}}};
  auto const answer = decode_status(encode(report));
  auto const& got = std::get<StatusReport>(answer);
  EXPECT_EQ(got.port, 7999);
  ASSERT_EQ(got.processes.size(), 2u);
  EXPECT_EQ(got.processes[0].pid, 8);
  EXPECT_EQ(got.processes[0].users, 1u);
  EXPECT_FALSE(got.processes[1].pid);
  EXPECT_FALSE(got.processes[1].users);
  EXPECT_EQ(encode(got), encode(report));
}

TEST(HandOver, carries_the_key_as_text) {
  HandOver const hand_over{"localhost", std::string(15, '\xff') + '\0', {0, 255}};
  auto const text = encode(hand_over);
  auto const answer = decode_hand_over(text);
  auto const& got = std::get<HandOver>(answer);
  EXPECT_EQ(got.session_key, hand_over.session_key);
  EXPECT_EQ(got.incarnations, hand_over.incarnations);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_TRUE(std::holds_alternative<ControlError>(decode_hand_over(std::string_view(text).substr(0, size))));
  EXPECT_TRUE(std::holds_alternative<ControlError>(decode_hand_over(encode(HandOver{"localhost", "short", {}}))));
}

TEST(ControlError, takes_the_place_of_an_answer) {
  auto const refused = decode_status(encode(ControlError{"not now"}));
  EXPECT_EQ(std::get<ControlError>(refused).error, "not now");
  EXPECT_THAT(std::get<ControlError>(decode_hand_over("7")).error, HasSubstr("another version"));
}

TEST(WithoutCredentials, hides_user_and_password_and_nothing_else) {
  EXPECT_EQ(without_credentials("redis://user:p@ss@host:6379/1"), "redis://host:6379/1");
  EXPECT_EQ(without_credentials("rediss://:secret@[::1]:6379"), "rediss://[::1]:6379");
  EXPECT_EQ(without_credentials("redis://host/a@b"), "redis://host/a@b");
  EXPECT_EQ(without_credentials("unix:///run/redis.sock"), "unix:///run/redis.sock");
  EXPECT_EQ(without_credentials("host"), "host");
}

}  // namespace
}  // namespace chorus::app
