// Dialogues with clients that write MessagePack, beside others that write JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/msgpack_writer.hpp"
#include "socket/client.hpp"
#include "socket/msgpack_packet.hpp"
#include "support/as_msgpack.hpp"
#include "support/hex_vectors.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::as_msgpack;
using testing::ClientWorld;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;

/// As ClientWorld::heard() has it.
std::string heard(Bytes text, std::vector<Bytes> const& attachments = {}) {
  return "binary " + as_msgpack(text, attachments);
}

class MsgpackClient : public ClientWorld {
 public:
  explicit MsgpackClient(HubWorld& world) : ClientWorld(world) {}
  std::vector<std::string> tell(Bytes text, std::vector<Bytes> const& attachments = {}) {
    return say_binary(as_msgpack(text, attachments));
  }
};

class ClientMsgpackTest : public ::testing::Test {
 protected:
  HubWorld world;
};

TEST_F(ClientMsgpackTest, its_first_packet_says_how_a_client_writes) {
  world.of("/").on("echo", [](Incoming const& in) { in.socket.emit("echo", in.args[0]); });
  MsgpackClient client(world);
  EXPECT_THAT(client.tell("0"), ElementsAre(StartsWith("binary \x83\xa4type")));
  EXPECT_THAT(client.tell(R"(2["echo",{"a":[1,"x"]}])"), ElementsAre(heard(R"(2["echo",{"a":[1,"x"]}])")));
  EXPECT_THAT(client.tell("0/none,"), ElementsAre(heard(R"(4/none,{"message":"Invalid namespace"})")));
  ClientWorld other(world);
  other.say("0");
  EXPECT_THAT(other.say(R"(2["echo",1])"), ElementsAre(R"(2["echo",1])"));
}

TEST_F(ClientMsgpackTest, the_other_encoding_closes_the_connection_and_no_other_one) {
  MsgpackClient client(world);
  client.tell("0");
  ClientWorld other(world);
  other.say("0");
  EXPECT_THAT(client.say(R"(2["x"])"), Contains("close"));
  EXPECT_EQ(client.engine.closes(), 1);
  ClientWorld third(world);
  third.say("0");
  EXPECT_THAT(third.say_binary(as_msgpack(R"(2["x"])")), Contains("close"));
  EXPECT_THAT(other.say(R"(2["x"])"), IsEmpty());
  EXPECT_EQ(other.engine.closes(), 0);
}

TEST_F(ClientMsgpackTest, what_is_no_packet_closes_the_connection) {
  std::string const bad[] = {
      "",
      "\xc1",
      "\x90",
      test::from_hex("dfffffffff"),
      std::string(3000, '\x91'),
      as_msgpack("0"),
      as_msgpack(R"(2/none,["x"])"),
      test::from_hex("83a47479706505a46461746191a178a36e7370a12f"),
  };
  for (auto const& packet : bad) {
    MsgpackClient client(world);
    client.tell("0");
    EXPECT_THAT(client.say_binary(packet), Contains("close")) << test::to_hex(packet);
    EXPECT_EQ(client.engine.closes(), 1);
    if (packet == as_msgpack("0")) continue;
    MsgpackClient hasty(world);
    EXPECT_THAT(hasty.say_binary(packet), Contains("close")) << test::to_hex(packet);
  }
}

TEST_F(ClientMsgpackTest, binary_may_stand_anywhere_in_both_directions) {
  std::vector<std::string> bytes;
  world.of("/").on("bin", [&](Incoming const& in) {
    bytes.assign(in.args.attachments().begin(), in.args.attachments().end());
    ArgsWriter out;
    out.add_all(in.args);
    in.ack().send(std::move(out));
  });
  MsgpackClient client(world);
  client.tell("0");
  Bytes const list = R"([{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}])";
  auto const event = std::string("52-7[\"bin\",").append(list.substr(1));
  EXPECT_THAT(client.tell(event, {"\x01", ""}), ElementsAre(heard(std::string("62-7").append(list), {"\x01", ""})));
  EXPECT_THAT(bytes, ElementsAre("\x01", ""));
}

TEST_F(ClientMsgpackTest, answers_go_both_ways_and_questions_end_in_time) {
  std::optional<Socket> socket;
  world.of("/").on_connection([&](Socket const& s) { socket = s; });
  MsgpackClient client(world);
  client.tell("0");
  std::vector<std::string> answers;
  auto const note = [&](Answer const& answer) {
    answers.push_back(answer ? std::string(answer.args.raw()) : answer.error == AskError::timeout ? "timeout" : "?");
  };
  client.engine.lines.clear();
  socket->timeout(1s).ask("q", note, 1);
  EXPECT_THAT(client.heard(), ElementsAre(heard(R"(20["q",1])")));
  client.tell(R"(30["yes",2])");
  socket->timeout(1s).ask("q", note);
  world.timers.advance(2s);
  EXPECT_THAT(answers, ElementsAre(R"("yes",2)", "timeout"));
}

TEST_F(ClientMsgpackTest, a_broadcast_is_written_once_for_each_of_the_two) {
  auto nsp = world.of("/");
  MsgpackClient one(world), two(world);
  ClientWorld plain(world);
  one.tell("0");
  two.tell("0");
  plain.say("0");
  for (ClientWorld* const client : {static_cast<ClientWorld*>(&one), static_cast<ClientWorld*>(&two), &plain})
    client->engine.lines.clear();
  nsp.emit("news", 1, Binary("z"));
  constexpr Bytes text = R"(51-["news",1,{"_placeholder":true,"num":0}])";
  EXPECT_THAT(one.heard(), ElementsAre(heard(text, {"z"})));
  EXPECT_THAT(two.heard(), ElementsAre(heard(text, {"z"})));
  EXPECT_THAT(plain.heard(), ElementsAre(std::string(text), "binary z"));
  EXPECT_EQ(one.engine.shared.back(), two.engine.shared.back());
  EXPECT_NE(one.engine.shared.back(), plain.engine.shared.back());
}

TEST_F(ClientMsgpackTest, who_listens_to_what_goes_out_hears_it_as_of_others) {
  std::vector<std::string> outgoing;
  auto nsp = world.of("/");
  std::optional<Socket> socket;
  nsp.on_connection([&](Socket const& s) {
    socket = s;
    s.on_any_outgoing(
        [&](Outgoing const& out) { outgoing.push_back(std::string(out.event).append(" ").append(out.args.raw())); });
  });
  MsgpackClient client(world);
  client.tell("0");
  client.engine.lines.clear();
  nsp.emit("all", 1);
  socket->emit("one", "x");
  EXPECT_THAT(outgoing, ElementsAre("all 1", R"(one "x")"));
  socket->off_any_outgoing();
  nsp.emit("all", 2);
  EXPECT_THAT(outgoing.size(), 2u);
  EXPECT_THAT(client.heard(), ElementsAre(heard(R"(2["all",1])"), heard(R"(2["one","x"])"), heard(R"(2["all",2])")));
}

TEST_F(ClientMsgpackTest, volatile_and_uncompressed_ones_are_as_of_others) {
  auto nsp = world.of("/");
  MsgpackClient client(world);
  client.tell("0");
  client.engine.compressions.clear();
  nsp.emit("a");
  nsp.everyone().compress(false).emit("b");
  using enum engine::Compress;
  EXPECT_THAT(client.engine.compressions, ElementsAre(yes, no));
  client.engine.lines.clear();
  client.engine.unsent = 10;
  nsp.everyone().volatile_().emit("c");
  EXPECT_THAT(client.heard(), IsEmpty());
}

TEST_F(ClientMsgpackTest, a_refusal_and_a_disconnection_are_written_likewise) {
  world.of("/").use([](Handshake const& handshake) -> Admission {
    if (handshake.auth<bool>("let").value_or(false)) return admit();
    return refuse("no", RawJson(R"({"code":7})"));
  });
  std::optional<Socket> socket;
  world.of("/").on_connection([&](Socket const& s) { socket = s; });
  MsgpackClient client(world);
  EXPECT_THAT(client.tell("0"), ElementsAre(heard(R"(4{"message":"no","data":{"code":7}})")));
  client.tell(R"(0{"let":true})");
  client.engine.lines.clear();
  socket->disconnect();
  EXPECT_THAT(client.heard(), ElementsAre(heard("1")));
}

TEST(ClientMsgpackOption, json_alone_may_be_served) {
  HubWorld world({.encoding = Encoding::json});
  ClientWorld client(world);
  EXPECT_THAT(client.say_binary(as_msgpack("0")), Contains("close"));
}

TEST(ClientMsgpackOption, messagepack_alone_may_be_served_but_for_clients_of_socket_io_2) {
  HubWorld world({.encoding = Encoding::msgpack});
  ClientWorld client(world);
  EXPECT_THAT(client.say("0"), Contains("close"));
  ClientWorld old(world, {.revision = engine::Revision::v3});
  EXPECT_THAT(old.heard(), ElementsAre("0"));
}

TEST(ClientMsgpackRecovery, a_client_that_comes_back_is_given_what_it_missed) {
  HubWorld world({}, RecoverySettings{});
  auto nsp = world.of("/");
  auto first = std::make_unique<MsgpackClient>(world);
  auto const connected = first->tell("0");
  ASSERT_EQ(connected.size(), 1u);
  auto const packet = decode_msgpack(Bytes(connected[0]).substr(7)).value();
  ArgView const told(packet.view().payload);
  auto const pid = told["pid"].as<std::string>().value();
  first->engine.hang_up(9);
  world.hub.end_of_turn();
  nsp.emit("missed", Binary("z"));
  MsgpackClient second(world);
  // As the stock client, which has heard no offset: `undefined`.
  auto message =
      test::from_hex("83a47479706500a36e7370a12fa46461746182a6") + "offset" + test::from_hex("d40000a3") + "pid";
  msgpack::append_string(message, pid);
  auto const said = second.say_binary(message);
  ASSERT_EQ(said.size(), 2u);
  auto const missed = decode_msgpack(Bytes(said[0]).substr(7)).value();
  EXPECT_THAT(missed.view().arguments, StartsWith(R"({"_placeholder":true,"num":0},")"));
  EXPECT_THAT(missed.attachments(), ElementsAre("z"));
  auto const again = decode_msgpack(Bytes(said[1]).substr(7)).value();
  EXPECT_EQ(ArgView(again.view().payload)["sid"].as<std::string>(), told["sid"].as<std::string>());
}

}  // namespace
}  // namespace chorus::socket
