#include "socket/msgpack_packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "base/msgpack_writer.hpp"
#include "support/as_msgpack.hpp"
#include "support/hex_vectors.hpp"

namespace chorus::socket {
namespace {

using test::from_hex;
using test::from_hex_list;
using test::to_hex;
using test::vectors_of;
using testing::as_msgpack;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Reads it from a heap block of exactly its size, which `keep` holds.
Result<ReceivedPacket, PacketError> read(Bytes message, std::unique_ptr<char[]>& keep,
                                         PacketLimits const& limits = {}) {
  keep = std::make_unique<char[]>(message.size());
  message.copy(keep.get(), message.size());
  return decode_msgpack(Bytes(keep.get(), message.size()), limits);
}

PacketError error_in(Bytes message, PacketLimits const& limits = {}) {
  std::unique_ptr<char[]> keep;
  auto const packet = read(message, keep, limits);
  EXPECT_FALSE(packet) << to_hex(message);
  return packet ? PacketError::unknown_type : packet.error();
}

/// A message of these members, each given as its name and its value's bytes.
std::string map_of(std::vector<std::pair<Bytes, std::string>> const& members) {
  std::string out;
  msgpack::append_map_head(out, members.size());
  for (auto const& [name, value] : members) {
    msgpack::append_string(out, name);
    out += value;
  }
  return out;
}

// ---- Reading ----

TEST(MsgpackPacket, reads_of_clients_what_the_json_parser_would_have_sent) {
  auto const vectors = vectors_of("msgpack.txt", {"packet"});
  EXPECT_GT(vectors.size(), 20u);
  for (auto const& vector : vectors) {
    SCOPED_TRACE(vector.columns[1]);
    std::unique_ptr<char[]> keep;
    auto const packet = read(from_hex(vector.columns[0]), keep);
    ASSERT_TRUE(packet) << to_text(packet.error());
    auto const same = decode(vector.columns[1]).value();
    auto const& view = packet->view();
    EXPECT_EQ(view.type, same.type);
    EXPECT_EQ(view.nsp, same.nsp);
    EXPECT_EQ(view.ack_id, same.ack_id);
    EXPECT_EQ(view.payload, same.payload);
    EXPECT_EQ(view.event_name_raw, same.event_name_raw);
    EXPECT_EQ(view.event_name_is_plain, same.event_name_is_plain);
    EXPECT_EQ(view.arguments, same.arguments);
    EXPECT_EQ(view.attachments, same.attachments);
    bool const has_attachments = vector.columns.size() > 2;
    auto const attachments = has_attachments ? from_hex_list(vector.columns[2]) : std::vector<std::string>();
    EXPECT_THAT(packet->attachments(), ::testing::ElementsAreArray(attachments));
  }
}

TEST(MsgpackPacket, refuses_what_the_reference_refuses) {
  auto const vectors = vectors_of("msgpack.txt", {"refused"});
  EXPECT_GT(vectors.size(), 30u);
  for (auto const& vector : vectors) {
    Bytes const why = vector.columns[1];
    auto const error = error_in(from_hex(vector.columns[0]));
    std::optional<PacketError> expected;
    if (why == "invalid namespace") expected = PacketError::bad_namespace;
    if (why == "invalid payload") expected = PacketError::invalid_payload;
    if (why == "invalid packet id") expected = PacketError::bad_ack_id;
    EXPECT_EQ(error, expected.value_or(error)) << vector.columns[0];
  }
}

TEST(MsgpackPacket, every_cut_of_a_packet_is_refused) {
  for (auto const& vector : vectors_of("msgpack.txt", {"packet"})) {
    auto const message = from_hex(vector.columns[0]);
    for (std::size_t size = 0; size < message.size(); ++size)
      EXPECT_EQ(error_in(Bytes(message).substr(0, size)), PacketError::bad_msgpack) << vector.columns[0];
  }
}

TEST(MsgpackPacket, a_packet_survives_a_move) {
  std::unique_ptr<char[]> keep;
  auto packet = read(
      as_msgpack(R"(52-/chat,["bin",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])", {"a", "b"}), keep);
  auto const moved = std::move(packet).value();
  EXPECT_EQ(moved.view().nsp, "/chat");
  EXPECT_EQ(moved.view().arguments, R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":1})");
  EXPECT_THAT(moved.attachments(), ElementsAre("b", "a"));  // in the order of the message
}

TEST(MsgpackPacket, events_are_judged_as_in_json) {
  for (Bytes const name : {"connect", "disconnect", "newListener"}) {
    std::string data = "\x91";
    msgpack::append_string(data, name);
    EXPECT_EQ(error_in(map_of({{"type", "\x02"}, {"data", data}, {"nsp", "\xa1/"}})), PacketError::reserved_event_name);
  }
  EXPECT_EQ(error_in(map_of({{"type", "\x02"}, {"data", "\x90"}, {"nsp", "\xa1/"}})), PacketError::bad_event_name);
  EXPECT_EQ(error_in(map_of({{"type", "\x02"}, {"data", "\x91\xc3"}, {"nsp", "\xa1/"}})), PacketError::bad_event_name);
  EXPECT_EQ(error_in(as_msgpack("2[\"long\"]"), {.event_name_bytes_max = 5}), PacketError::bad_event_name);
}

TEST(MsgpackPacket, a_namespace_is_one_that_json_can_name) {
  auto const connect = [](Bytes nsp) {
    std::string name;
    msgpack::append_string(name, nsp);
    return map_of({{"type", std::string(1, '\0')}, {"nsp", name}});
  };
  for (Bytes const nsp : {"", "chat", "/a,b", "/\xff"}) EXPECT_EQ(error_in(connect(nsp)), PacketError::bad_namespace);
  EXPECT_EQ(error_in(connect("/" + std::string(600, 'x'))), PacketError::namespace_too_long);
  std::unique_ptr<char[]> keep;
  auto const packet = read(connect("/chat?token=x"), keep).value();
  EXPECT_EQ(packet.view().nsp, "/chat");
  EXPECT_EQ(packet.view().nsp_query, "token=x");
}

TEST(MsgpackPacket, an_ack_has_an_id_and_ids_are_not_negative) {
  std::string const data = "\x90", nsp = "\xa1/";
  EXPECT_EQ(error_in(map_of({{"type", "\x03"}, {"data", data}, {"nsp", nsp}})), PacketError::missing_ack_id);
  EXPECT_EQ(error_in(map_of({{"type", "\x03"}, {"data", data}, {"nsp", nsp}, {"id", "\xff"}})),
            PacketError::bad_ack_id);
  std::unique_ptr<char[]> keep;
  auto const greatest = from_hex("cfffffffffffffffff");
  auto const packet = read(map_of({{"type", "\x03"}, {"data", data}, {"nsp", nsp}, {"id", greatest}}), keep);
  EXPECT_EQ(packet.value().view().ack_id, 18446744073709551615u);
}

TEST(MsgpackPacket, only_events_and_acks_have_binaries) {
  auto const auth = map_of({{"token", from_hex("c40101")}});
  EXPECT_EQ(error_in(map_of({{"type", std::string(1, '\0')}, {"data", auth}, {"nsp", "\xa1/"}})),
            PacketError::invalid_payload);
}

TEST(MsgpackPacket, depth_attachments_and_bytes_are_limited) {
  std::string const deep = "2[\"x\"," + std::string(511, '[') + std::string(511, ']') + "]";
  std::unique_ptr<char[]> keep;
  EXPECT_TRUE(read(as_msgpack(deep), keep));
  EXPECT_EQ(error_in(as_msgpack(deep), {.depth_max = 511}), PacketError::bad_msgpack);
  std::string const endless =
      "\x83\xa4type\x02\xa3nsp\xa1/\xa4"
      "data" +
      std::string(100'000, '\x91') + "\x90";
  EXPECT_EQ(error_in(endless), PacketError::bad_msgpack);
  auto const two = as_msgpack(R"(52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])", {"a", "b"});
  EXPECT_TRUE(read(two, keep, {.attachments_max = 2}));
  EXPECT_EQ(error_in(two, {.attachments_max = 1}), PacketError::too_many_attachments);
  EXPECT_EQ(error_in(two, {.packet_bytes_max = two.size() - 1}), PacketError::packet_too_big);
}

TEST(MsgpackPacket, counts_that_promise_more_than_there_is_are_refused_at_once) {
  for (Bytes const data : {"ddffffffff", "dfffffffff", "dcffff", "c6ffffffff", "dbffffffff", "c9ffffffff00"})
    EXPECT_EQ(error_in(map_of({{"type", "\x02"}, {"nsp", "\xa1/"}, {"data", from_hex(data)}})),
              PacketError::bad_msgpack);
  EXPECT_EQ(error_in(from_hex("dfffffffff")), PacketError::bad_msgpack);
}

TEST(MsgpackPacket, somebodys_object_is_no_placeholder) {
  std::string const object = R"({"_placeholder":true,"num":0})";
  std::unique_ptr<char[]> keep;
  auto const alone = read(as_msgpack("2[\"x\"," + object + "]"), keep).value();
  EXPECT_EQ(alone.view().arguments, object);
  EXPECT_THAT(alone.attachments(), IsEmpty());
  auto beside = from_hex("93a178");  // a binary behind it
  ASSERT_TRUE(append_msgpack(beside, object, {}));
  beside += from_hex("c40101");
  EXPECT_EQ(error_in(map_of({{"type", "\x02"}, {"nsp", "\xa1/"}, {"data", beside}})), PacketError::illegal_attachments);
}

// ---- Writing ----

TEST(MsgpackPacket, writes_what_the_reference_writes) {
  auto const vectors = vectors_of("msgpack.txt", {"sent"});
  EXPECT_GT(vectors.size(), 10u);
  for (auto const& vector : vectors) {
    bool const has_attachments = vector.columns.size() > 2;
    auto attachments = has_attachments ? from_hex_list(vector.columns[2]) : std::vector<std::string>();
    auto const count = vector.columns[0][0] == '5' || vector.columns[0][0] == '6' ? vector.columns[0][1] - '0' : 0;
    attachments.resize(static_cast<std::size_t>(count));  // a last one that is empty is no column's text
    EXPECT_EQ(to_hex(as_msgpack(vector.columns[0], {attachments.begin(), attachments.end()})), vector.columns[1]);
  }
}

TEST(MsgpackPacket, what_cannot_be_written_leaves_nothing) {
  std::string out = "before";
  EXPECT_EQ(append_msgpack_packet(out, "2[\"x\",tru]", {}).error(), MsgpackError::bad_json);
  std::vector<Bytes> const one{"a"};
  EXPECT_EQ(append_msgpack_packet(out, R"(51-["x",{"_placeholder":true,"num":1}])", one).error(),
            MsgpackError::bad_placeholder);
  EXPECT_EQ(out, "before");
  EXPECT_FALSE(msgpack_of("2[\"x\",tru]", {}));
}

TEST(MsgpackPacket, an_attachment_may_be_larger_than_what_others_are_limited_to) {
  std::string const large(33u << 20, 'x');
  std::vector<Bytes> const attachments{large};
  std::string out;
  EXPECT_TRUE(append_msgpack_packet(out, R"(51-["x",{"_placeholder":true,"num":0}])", attachments));
  EXPECT_GT(out.size(), large.size());
}

TEST(MsgpackPacket, a_message_to_many_is_written_once) {
  std::vector<Bytes> const attachments{"\x01\x02"};
  auto const message =
      engine::SharedMessage::make(R"(51-["x",{"_placeholder":true,"num":0}])", attachments, engine::Compress::no);
  auto const form = msgpack_form(*message);
  ASSERT_NE(form, nullptr);
  EXPECT_FALSE(form->has_text());
  ASSERT_EQ(form->attachment_count(), 1u);
  EXPECT_EQ(to_hex(form->attachment(0)), to_hex(as_msgpack(R"(51-["x",{"_placeholder":true,"num":0}])", attachments)));
  EXPECT_EQ(form->compress(), engine::Compress::no);
  EXPECT_EQ(msgpack_form(*message), form);
  auto const broken = engine::SharedMessage::make("2[\"x\",tru]");
  EXPECT_EQ(msgpack_form(*broken), nullptr);
}

}  // namespace
}  // namespace chorus::socket
