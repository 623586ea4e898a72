#include "socket/packet.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <variant>

#include "support/vectors.hpp"

namespace chorus::socket {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---- Vectors ----

constexpr std::pair<PacketType, Bytes> type_names[] = {
    {PacketType::connect, "connect"},
    {PacketType::disconnect, "disconnect"},
    {PacketType::event, "event"},
    {PacketType::ack, "ack"},
    {PacketType::connect_error, "connect_error"},
    {PacketType::binary_event, "binary_event"},
    {PacketType::binary_ack, "binary_ack"},
};

constexpr std::pair<PacketError, Bytes> error_names[] = {
    {PacketError::unknown_type, "unknown_type"},
    {PacketError::illegal_attachments, "illegal_attachments"},
    {PacketError::too_many_attachments, "too_many_attachments"},
    {PacketError::namespace_too_long, "namespace_too_long"},
    {PacketError::bad_ack_id, "bad_ack_id"},
    {PacketError::missing_ack_id, "missing_ack_id"},
    {PacketError::bad_json, "bad_json"},
    {PacketError::invalid_payload, "invalid_payload"},
    {PacketError::bad_event_name, "bad_event_name"},
    {PacketError::reserved_event_name, "reserved_event_name"},
};

std::string name_in(auto const& names, auto value) {
  auto const* const found = std::find_if(std::begin(names), std::end(names), [&](auto& n) { return n.first == value; });
  return found == std::end(names) ? "?" : std::string(found->second);
}

using Fields = std::map<std::string, std::string>;

Fields fields_of(PacketView const& packet) {
  std::string scratch;
  return {{"type", name_in(type_names, packet.type)},
          {"nsp", std::string(packet.nsp)},
          {"query", std::string(packet.nsp_query)},
          {"attachments", std::to_string(packet.attachments)},
          {"id", packet.ack_id ? std::to_string(*packet.ack_id) : ""},
          {"name", std::string(packet.event_name(scratch))},
          {"args", std::string(packet.arguments)},
          {"payload", std::string(packet.payload)}};
}

Fields expected_fields(std::istringstream& columns) {
  Fields fields = {{"nsp", "/"}, {"query", ""}, {"attachments", "0"}, {"id", ""}, {"name", ""}, {"args", ""}};
  for (std::string column; std::getline(columns, column, '\t');) {
    auto const equals = column.find('=');
    fields[column.substr(0, equals)] = column.substr(equals + 1);
  }
  return fields;
}

/// A copy on a heap block of exactly its size, so that the address sanitizer sees a read of one byte too many.
struct Exact {
  explicit Exact(Bytes text) : block(std::make_unique<char[]>(text.size())), size(text.size()) {
    text.copy(block.get(), size);
  }
  Bytes text() const { return {block.get(), size}; }

  std::unique_ptr<char[]> block;
  std::size_t size;
};

void check_vector(std::string const& line) {
  SCOPED_TRACE(line);
  std::istringstream columns(line);
  std::string text;
  std::getline(columns, text, '\t');
  Exact const message{Bytes(text)};
  auto const packet = decode(message.text());
  if (columns.peek() == '!') {
    std::string name;
    std::getline(columns.ignore(), name);
    ASSERT_FALSE(packet);
    EXPECT_EQ(name_in(error_names, packet.error()), name);
    return;
  }
  ASSERT_TRUE(packet) << to_text(packet.error());
  auto const fields = fields_of(*packet);
  for (auto const& [name, value] : expected_fields(columns)) EXPECT_EQ(fields.at(name), value) << name;
}

TEST(PacketDecode, SP2_SP3_SP4_SP5_SP6_SP7_SP8_SP9_SP11_SP15_agrees_with_every_vector) {
  std::ifstream vectors = test::open_vectors("socketio_packets.txt");
  ASSERT_TRUE(vectors);
  int lines = 0;
  for (std::string line; std::getline(vectors, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::replace(line.begin(), line.end(), '~', ' ');
    check_vector(line);
    ++lines;
  }
  EXPECT_GT(lines, 100);
}

// ---- Limits ----

PacketError error_of(Bytes text, PacketLimits const& limits = {}) {
  auto const packet = decode(text, limits);
  EXPECT_FALSE(packet) << text.substr(0, 80);
  return packet ? PacketError::unknown_type : packet.error();
}

TEST(PacketDecode, refuses_what_is_deeper_or_longer_than_allowed) {
  std::string const deep = "2[\"x\"," + std::string(45'000, '[') + std::string(45'000, ']') + "]";
  EXPECT_EQ(error_of(deep), PacketError::bad_json);
  EXPECT_EQ(error_of("2[\"x\",[1]]", {.depth_max = 1}), PacketError::bad_json);
  EXPECT_TRUE(decode("2[\"x\",1]", {.depth_max = 1}));
  EXPECT_EQ(error_of("2/abcd,[\"x\"]", {.namespace_bytes_max = 4}), PacketError::namespace_too_long);
  EXPECT_TRUE(decode("2/abc,[\"x\"]", {.namespace_bytes_max = 4}));
  EXPECT_EQ(error_of("2[\"xyz\"]", {.event_name_bytes_max = 4}), PacketError::bad_event_name);
  EXPECT_TRUE(decode("2[\"xy\"]", {.event_name_bytes_max = 4}));
  EXPECT_EQ(error_of("51-[\"x\"]", {.attachments_max = 0}), PacketError::too_many_attachments);
}

TEST(PacketDecode, decodes_an_event_name_only_when_it_has_escapes) {
  std::string scratch = "untouched";
  auto const plain = decode(R"(2["chat message"])");
  EXPECT_EQ(plain->event_name(scratch), "chat message");
  EXPECT_EQ(scratch, "untouched");
  auto const escaped = decode(R"(2["chat\u0020message"])");
  EXPECT_EQ(escaped->event_name(scratch), "chat message");
  EXPECT_EQ(scratch, "chat message");
}

TEST(PacketDecode, an_event_without_payload_has_no_name) {
  auto const packet = decode("2");
  EXPECT_TRUE(packet->is_event());
  EXPECT_TRUE(packet->event_name_raw.empty());
  EXPECT_TRUE(packet->payload.empty());
}

TEST(PacketDecode, every_error_has_a_text) {
  for (int i = 0; i <= static_cast<int>(PacketError::packet_too_big); ++i) {
    EXPECT_NE(to_text(static_cast<PacketError>(i)), "unknown error") << i;
  }
}

// ---- Placeholders ----

/// `num@text` for each placeholder; "illegal" when refused.
std::vector<std::string> placeholders(Bytes payload, unsigned attachments) {
  auto const found = find_placeholders(payload, attachments);
  if (!found) return {"illegal"};
  std::vector<std::string> texts;
  for (auto const& [begin, end, num] : *found) {
    texts.push_back(std::to_string(num) + "@" + std::string(payload.substr(begin, end - begin)));
  }
  return texts;
}

TEST(Placeholders, SB2_are_found_at_any_depth) {
  EXPECT_THAT(placeholders(R"(["a",{"_placeholder":true,"num":0}])", 1),
              ElementsAre(R"(0@{"_placeholder":true,"num":0})"));
  EXPECT_THAT(
      placeholders(R"(["a",{"b":[{"c":{"num":1,"_placeholder":true}}]},{ "_placeholder" : true , "num" : 0 }])", 2),
      ElementsAre(R"(1@{"num":1,"_placeholder":true})", R"(0@{ "_placeholder" : true , "num" : 0 })"));
  EXPECT_THAT(placeholders(R"(["a",{"_placeholder":false,"num":9},{"num":8},["_placeholder",true,"num",7],[]])", 1),
              IsEmpty());
  EXPECT_THAT(placeholders(R"([{"x":"_placeholder"},{"_placeholder":"true","num":5},{"_placeholder":[true]}])", 1),
              IsEmpty());
  EXPECT_THAT(placeholders("", 1), IsEmpty());
}

TEST(Placeholders, may_repeat_or_omit_an_attachment) {
  EXPECT_THAT(placeholders(R"([{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}])", 3),
              ElementsAre(::testing::StartsWith("1@"), ::testing::StartsWith("1@")));
}

TEST(Placeholders, with_a_number_that_is_no_index_are_illegal) {
  for (auto num : {"1", "-1", "0.5", "\"0\"", "\"splice\"", "null", "true", "[0]", "{\"num\":0}", "1e9"}) {
    auto const payload = R"(["a",{"_placeholder":true,"num":)" + std::string(num) + "}]";
    EXPECT_THAT(placeholders(payload, 1), ElementsAre("illegal")) << payload;
  }
  EXPECT_THAT(placeholders(R"([{"_placeholder":true}])", 1), ElementsAre("illegal"));
  EXPECT_THAT(placeholders(R"([{"_placeholder":true,"num":0}])", 0), ElementsAre("illegal"));
}

TEST(Placeholders, are_read_as_json_parse_reads_them) {
  // Escaped keys, the last of repeated ones, and an integer in another spelling.
  EXPECT_THAT(placeholders(R"([{"\u005fplaceholder":true,"nu\u006d":0}])", 1),
              ElementsAre(::testing::StartsWith("0@")));
  EXPECT_THAT(placeholders(R"([{"_placeholder":true,"num":7,"num":0.0}])", 1),
              ElementsAre(::testing::StartsWith("0@")));
  EXPECT_THAT(placeholders(R"([{"_placeholder":true,"_placeholder":false,"num":7}])", 1), IsEmpty());
  EXPECT_THAT(placeholders(R"([{"_placeholder":true,"_placeholder":{},"num":7}])", 1), IsEmpty());
}

TEST(Placeholders, stand_for_the_whole_object_with_all_that_is_in_it) {
  EXPECT_THAT(placeholders(R"([{"_placeholder":true,"num":1,"x":{"_placeholder":true,"num":0}}])", 2),
              ElementsAre(::testing::StartsWith("1@")));
}

TEST(Placeholders, of_many_nested_objects_are_found_in_linear_time) {
  std::string payload;
  for (int i = 0; i < 500; ++i) payload += R"([{"_placeholder":0,"a":)";
  payload += R"("x")";
  for (int i = 0; i < 500; ++i) payload += "}]";
  EXPECT_THAT(placeholders(payload, 1), IsEmpty());
}

// ---- Assembling ----

TEST(PacketAssembler, gives_text_packets_at_once_and_without_a_copy) {
  PacketAssembler assembler;
  Bytes const message = R"(2["x",1])";
  auto const received = assembler.on_text(message);
  ASSERT_TRUE(received && *received);
  EXPECT_EQ((*received)->view().arguments.data(), message.data() + 6);
  EXPECT_THAT((*received)->attachments(), IsEmpty());
  EXPECT_FALSE(assembler.assembling());
  EXPECT_EQ(assembler.bytes_held(), 0u);
}

TEST(PacketAssembler, SB1_holds_a_binary_packet_until_its_attachments_have_come) {
  PacketAssembler assembler;
  std::string message = R"(52-/admin,7["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  auto const begun = assembler.on_text(message);
  ASSERT_TRUE(begun && !*begun);
  EXPECT_TRUE(assembler.assembling());
  message.assign(message.size(), 'x');  // the receive buffer is used again
  auto const first = assembler.on_binary(Bytes("\1\2", 2));
  ASSERT_TRUE(first && !*first);
  EXPECT_EQ(assembler.bytes_held(), message.size() + 2);
  auto last = assembler.on_binary("");
  ASSERT_TRUE(last && *last);
  EXPECT_FALSE(assembler.assembling());
  EXPECT_EQ(assembler.bytes_held(), 0u);

  auto const received = std::move(**last);  // the views survive a move
  EXPECT_EQ(received.view().type, PacketType::binary_event);
  EXPECT_EQ(received.view().nsp, "/admin");
  EXPECT_EQ(received.view().ack_id, 7u);
  EXPECT_EQ(received.view().event_name_raw, "\"baz\"");
  EXPECT_EQ(received.view().arguments, R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":1})");
  EXPECT_THAT(received.attachments(), ElementsAre("\1\2", ""));
}

TEST(PacketAssembler, SB3_works_for_the_next_packet_too) {
  PacketAssembler assembler;
  for (int round = 0; round < 3; ++round) {
    ASSERT_FALSE(*assembler.on_text(R"(61-15[{"_placeholder":true,"num":0}])"));
    auto const whole = assembler.on_binary("abc");
    ASSERT_TRUE(whole && *whole);
    EXPECT_EQ((*whole)->view().type, PacketType::binary_ack);
    EXPECT_THAT((*whole)->attachments(), ElementsAre("abc"));
    ASSERT_TRUE(*assembler.on_text(R"(50-["x"])")) << "no attachments, so nothing to wait for";
  }
}

TEST(PacketAssembler, assembles_a_header_without_payload) {
  PacketAssembler assembler;
  ASSERT_FALSE(*assembler.on_text("51-"));
  auto const whole = assembler.on_binary("abc");
  ASSERT_TRUE(whole && *whole);
  EXPECT_TRUE((*whole)->view().event_name_raw.empty());
}

TEST(PacketAssembler, SB6_SB7_refuses_messages_out_of_order) {
  PacketAssembler assembler;
  EXPECT_EQ(assembler.on_binary("abc").error(), PacketError::attachment_without_header);
  ASSERT_FALSE(*assembler.on_text(R"(51-["a",{"_placeholder":true,"num":0}])"));
  EXPECT_EQ(assembler.on_text(R"(2["x"])").error(), PacketError::text_between_attachments);
  EXPECT_FALSE(assembler.assembling()) << "nothing is kept after an error";
  EXPECT_EQ(assembler.on_binary("abc").error(), PacketError::attachment_without_header);
}

TEST(PacketAssembler, SB4_SB5_SP12_refuses_illegal_placeholders_and_too_many_attachments) {
  PacketAssembler assembler;
  EXPECT_EQ(assembler.on_text(R"(51-["a",{"_placeholder":true,"num":"splice"}])").error(),
            PacketError::illegal_attachments);
  EXPECT_EQ(assembler.on_text(R"(51-["a",{"_placeholder":true,"num":1}])").error(), PacketError::illegal_attachments);
  EXPECT_EQ(assembler.on_text(R"(511-["a"])").error(), PacketError::too_many_attachments);
  EXPECT_FALSE(assembler.assembling());
}

TEST(PacketAssembler, bounds_the_bytes_of_a_packet) {
  std::string const header = R"(52-["a",{"_placeholder":true,"num":0}])";
  PacketLimits const limits{.packet_bytes_max = header.size() + 10};
  PacketAssembler assembler(limits);
  ASSERT_FALSE(*assembler.on_text(header));
  ASSERT_FALSE(*assembler.on_binary("12345678"));
  EXPECT_EQ(assembler.on_binary("123").error(), PacketError::packet_too_big);
  ASSERT_FALSE(*assembler.on_text(header));
  ASSERT_FALSE(*assembler.on_binary("12345678"));
  EXPECT_TRUE(*assembler.on_binary("12"));
  PacketLimits const less{.packet_bytes_max = header.size() - 1};
  PacketAssembler smaller(less);
  EXPECT_EQ(smaller.on_text(header).error(), PacketError::packet_too_big);
}

TEST(PacketAssembler, counts_an_attachment_as_often_as_it_is_named) {
  std::string const header = R"(51-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])";
  PacketLimits const limits{.packet_bytes_max = header.size() + 10};
  PacketAssembler assembler(limits);
  ASSERT_FALSE(*assembler.on_text(header));
  EXPECT_TRUE(*assembler.on_binary("12345"));
  ASSERT_FALSE(*assembler.on_text(header));
  EXPECT_EQ(assembler.on_binary("123456").error(), PacketError::packet_too_big);
}

TEST(PacketAssembler, SP16_can_be_emptied_between_messages) {
  PacketAssembler assembler;
  ASSERT_FALSE(*assembler.on_text(R"(51-["a",{"_placeholder":true,"num":0}])"));
  assembler.reset();
  EXPECT_TRUE(*assembler.on_text(R"(2["x"])"));
}

}  // namespace
}  // namespace chorus::socket
