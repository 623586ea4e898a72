#include "socket/packet_writer.hpp"

#include <gtest/gtest.h>

namespace chorus::socket {
namespace {

template <class... Ts>
std::string text_of(void (*append)(std::string&, Ts...), std::type_identity_t<Ts>... arguments) {
  std::string out;
  append(out, arguments...);
  return out;
}

TEST(PacketWriter, SP2_writes_connect) {
  EXPECT_EQ(text_of(append_connect, "/", "wZX3oN0bSVIhsaknAAAI", ""), R"(0{"sid":"wZX3oN0bSVIhsaknAAAI"})");
  EXPECT_EQ(text_of(append_connect, "/admin", "oSO0", ""), R"(0/admin,{"sid":"oSO0"})");
  EXPECT_EQ(text_of(append_connect, "/", "a", "b"), R"(0{"sid":"a","pid":"b"})");
  EXPECT_EQ(text_of(append_connect_v4, "/"), "0");
  EXPECT_EQ(text_of(append_connect_v4, "/admin"), "0/admin,");
}

TEST(PacketWriter, SP8_SP9_writes_connect_error) {
  EXPECT_EQ(text_of(append_connect_error, "/", "Not authorized", ""), R"(4{"message":"Not authorized"})");
  EXPECT_EQ(text_of(append_connect_error, "/admin", "a\"b", R"({"code":1})"),
            R"(4/admin,{"message":"a\"b","data":{"code":1}})");
  EXPECT_EQ(text_of(append_connect_error_v4, "/", "no", ""), R"(4"no")");
  EXPECT_EQ(text_of(append_connect_error_v4, "/admin", "no", R"({"code":1})"), R"(4/admin,{"code":1})");
}

TEST(PacketWriter, SP3_writes_disconnect) {
  EXPECT_EQ(text_of(append_disconnect, "/"), "1");
  EXPECT_EQ(text_of(append_disconnect, "/admin"), "1/admin,");
}

TEST(PacketWriter, SP4_SB1_writes_events) {
  EXPECT_EQ(text_of(append_event, "/", "foo", "", 0u, std::nullopt), R"(2["foo"])");
  EXPECT_EQ(text_of(append_event, "/", "foo", R"("x",{"a":1})", 0u, std::nullopt), R"(2["foo","x",{"a":1}])");
  EXPECT_EQ(text_of(append_event, "/admin", "f\"oo", "", 0u, 456u), R"(2/admin,456["f\"oo"])");
  EXPECT_EQ(text_of(append_event, "/admin", "baz", R"({"_placeholder":true,"num":0})", 1u, 0u),
            R"(51-/admin,0["baz",{"_placeholder":true,"num":0}])");
}

TEST(PacketWriter, SP7_SB3_writes_acks) {
  EXPECT_EQ(text_of(append_ack, "/", 12u, "", 0u), "312[]");
  EXPECT_EQ(text_of(append_ack, "/admin", 13u, "\"bar\"", 0u), R"(3/admin,13["bar"])");
  EXPECT_EQ(text_of(append_ack, "/", 15u, R"("bar",{"_placeholder":true,"num":0})", 1u),
            R"(61-15["bar",{"_placeholder":true,"num":0}])");
}

TEST(PacketWriter, never_announces_a_binary_packet_without_attachments) {
  EXPECT_EQ(text_of(append_packet_head, PacketType::binary_event, "/", 0u, std::nullopt), "2");
  EXPECT_EQ(text_of(append_packet_head, PacketType::binary_ack, "/", 0u, 1u), "31");
  EXPECT_EQ(text_of(append_packet_head, PacketType::ack, "/", 2u, 1u), "62-1");
}

TEST(PacketWriter, SP6_what_it_writes_is_decoded_to_the_same) {
  auto const text = text_of(append_event, "/chat", "näme\n", R"(1,[2],"x")", 0u, 18446744073709551615u);
  auto const packet = decode(text);
  ASSERT_TRUE(packet);
  std::string scratch;
  EXPECT_EQ(packet->nsp, "/chat");
  EXPECT_EQ(packet->event_name(scratch), "näme\n");
  EXPECT_EQ(packet->arguments, R"(1,[2],"x")");
  EXPECT_EQ(packet->ack_id, 18446744073709551615u);
}

}  // namespace
}  // namespace chorus::socket
