// Clients that write MessagePack beside others, on every worker of one server: what each hears, and how often it is
// made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "chorus/server.hpp"
#include "support/as_msgpack.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using ::testing::StartsWith;

class Msgpack : public ::testing::Test {
 protected:
  explicit Msgpack(ServerOptions const& wanted = options()) : io(wanted) {
    io.on("echo", [](Incoming const& in) {
      ArgsWriter out;
      out.add_all(in.args);
      in.ack().send(std::move(out));
    });
    io.on("say", [nsp = io.of("/")](ArgView x) { nsp.emit("said", x); });
    io.on("close me", [](Socket const& socket) { socket.disconnect(true); });
    io.start();
  }
  static ServerOptions options() {
    auto options = four_workers();
    options.per_message_deflate.enabled = true;
    options.per_message_deflate.threshold = 100;
    return options;
  }
  WebSocketClient client(int worker, std::string const& headers = "") {
    WebSocketClient made(io.port(), "&worker=" + std::to_string(worker), headers);
    made.send_binary(as_msgpack("0"));
    EXPECT_THAT(made.receive(), StartsWith("\x83\xa4type"));
    return made;
  }
  WebSocketClient json_client(int worker, std::string const& headers = "") {
    WebSocketClient made(io.port(), "&worker=" + std::to_string(worker), headers);
    EXPECT_THAT(made.connect(), StartsWith("40{"));
    return made;
  }

  static constexpr int binary = 0x82, text = 0x81, deflated_binary = 0xc2, deflated_text = 0xc1;
  static constexpr auto offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  Server io;
};

TEST_F(Msgpack, both_encodings_hear_a_broadcast_on_every_worker_from_any_thread) {
  std::vector<WebSocketClient> all, json;
  for (int worker = 0; worker < 4; ++worker) {
    all.push_back(client(worker));
    all.push_back(client(worker));
    json.push_back(json_client(worker));
  }
  std::thread([&] { io.emit("news", 7, Binary("z")); }).join();
  constexpr Bytes said = R"(51-["news",7,{"_placeholder":true,"num":0}])";
  for (auto& each : all) EXPECT_EQ(each.receive_frame(), std::pair(binary, as_msgpack(said, {"z"})));
  for (auto& each : json) {
    EXPECT_EQ(each.receive_frame(), std::pair(text, std::string("4").append(said)));
    EXPECT_EQ(each.receive_frame(), std::pair(binary, std::string("z")));
  }
}

TEST_F(Msgpack, a_broadcast_is_deflated_once_for_each_encoding) {
  std::vector<WebSocketClient> all, json;
  for (int worker = 0; worker < 4; ++worker) {
    all.push_back(client(worker, offer));
    json.push_back(json_client(worker, offer));
  }
  auto const before = io.stats().messages_deflated;
  json[0].send("42[\"say\",\"" + std::string(5'000, 'x') + "\"]");
  auto const first = all[0].receive_frame();
  EXPECT_EQ(first.first, deflated_binary);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(all[i].receive_frame(), first);
  for (auto& each : json) EXPECT_EQ(each.receive_frame().first, deflated_text);
  EXPECT_EQ(io.stats().messages_deflated - before, 2u);
}

TEST_F(Msgpack, polls_bring_and_take_packets_as_base64) {
  auto const sid = open_polling(io.port());
  auto const path = polling_path("&sid=" + sid);
  // {type:0,nsp:"/"} and {type:2,data:["echo",1],nsp:"/",id:3}, as socket.io-msgpack-parser has them
  EXPECT_EQ(request(io.port(), "POST", path, "bgqR0eXBlAKNuc3ChLw==").body, "ok");
  EXPECT_THAT(request(io.port(), "GET", path).body, StartsWith("bg6R0eXBlAKRkYXRhgaNzaWS0"));
  EXPECT_EQ(request(io.port(), "POST", path, "bhKR0eXBlAqRkYXRhkqRlY2hvAaNuc3ChL6JpZAM=").body, "ok");
  EXPECT_EQ(request(io.port(), "GET", path).body, "bhKR0eXBlA6RkYXRhkQGjbnNwoS+iaWQD");
}

TEST_F(Msgpack, a_connection_that_changes_its_encoding_ends_and_others_go_on) {
  auto changing = client(0), other = client(0);
  auto json = json_client(0);
  changing.send("42[\"echo\"]");
  EXPECT_TRUE(changing.connection().ends());
  auto back = json_client(0);
  back.send_binary(as_msgpack("2[\"echo\"]"));
  EXPECT_TRUE(back.connection().ends());
  other.send_binary(as_msgpack(R"(21["echo",[null]])"));
  EXPECT_EQ(other.receive(), as_msgpack("31[[null]]"));
  json.send(R"(421["echo",[null]])");
  EXPECT_EQ(json.receive(), "431[[null]]");
}

TEST_F(Msgpack, a_disconnection_is_told_in_the_clients_own_encoding) {
  auto one = client(1);
  one.send_binary(as_msgpack("2[\"close me\"]"));
  EXPECT_EQ(one.receive(), as_msgpack("1"));
  EXPECT_TRUE(one.connection().ends());
}

}  // namespace
}  // namespace chorus
