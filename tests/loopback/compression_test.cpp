// permessage-deflate through the whole server: what is negotiated, how often a message is deflated, and what a client
// gets that wants something of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"
#include "websocket/message_deflater.hpp"
#include "websocket/message_inflater.hpp"

namespace chorus {
namespace {

using namespace testing;
using websocket::Context;

constexpr int plain_text = 0x81, deflated_text = 0xc1;
constexpr auto without_context = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string offer(std::string const& parameters = "; client_max_window_bits") {
  return "Sec-WebSocket-Extensions: permessage-deflate" + parameters + "\r\n";
}

PerMessageDeflate deflate_options() {
  PerMessageDeflate deflate;
  deflate.enabled = true;
  deflate.threshold = 100;
  return deflate;
}

/// What a client makes of a frame.
class Reader {
 public:
  explicit Reader(int window_bits = 15, Context context = Context::none) : inflater_(window_bits, context) {}
  std::string text(std::pair<int, std::string> const& frame) {
    if (frame.first == plain_text) return frame.second;
    if (frame.first != deflated_text) throw std::runtime_error("no text: " + std::to_string(frame.first));
    return std::string(inflater_.inflate(frame.second, websocket::Opcode::text, 10'000'000).value());
  }

 private:
  websocket::MessageInflater inflater_;
};

class Compression : public ::testing::Test {
 protected:
  explicit Compression(PerMessageDeflate const& deflate = deflate_options()) : io(options(deflate)) {
    io.on("say", [nsp = io.of("/")](ArgView x) { nsp.emit("said", x); });
    io.on("say plainly", [nsp = io.of("/")](ArgView x) { nsp.everyone().compress(false).emit("said", x); });
    io.on("echo", [](Socket const& socket, ArgView x) { socket.emit("echo", x); });
    io.on("echo plainly", [](Socket const& socket, ArgView x) { socket.compress(false).emit("echo", x); });
    io.websocket_echo("/echo", 1'000'000);
    io.start();
  }
  static ServerOptions options(PerMessageDeflate const& deflate) {
    auto options = four_workers();
    options.per_message_deflate = deflate;
    return options;
  }

  WebSocketClient client(int worker, std::string const& headers = offer()) {
    WebSocketClient made(io.port(), "&worker=" + std::to_string(worker), headers);
    made.connect();
    return made;
  }
  std::vector<WebSocketClient> on_every_worker(int each, std::string const& headers = offer()) {
    std::vector<WebSocketClient> all;
    for (int i = 0; i < each * 4; ++i) all.push_back(client(i % 4, headers));
    return all;
  }
  static std::string event(std::string const& name, std::string const& text) {
    return "42[\"" + name + "\",\"" + text + "\"]";
  }

  std::string const long_text = std::string(5'000, 'x');
  Server io;
};

TEST_F(Compression, is_negotiated_with_who_offers_it) {
  EXPECT_THAT(client(1).handshake(),
              ::testing::HasSubstr(std::string("\r\nSec-WebSocket-Extensions: ") + without_context + "\r\n"));
  EXPECT_THAT(client(1, "").handshake(), ::testing::Not(::testing::HasSubstr("Extensions")));
  EXPECT_THAT(client(1, offer("; unknown")).handshake(), ::testing::Not(::testing::HasSubstr("Extensions")));
  try {
    client(1, offer("; ="));
    FAIL() << "an offer that is none was taken";
  } catch (std::runtime_error const& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("HTTP/1.1 400 "));
  }
}

TEST_F(Compression, ES124_deflates_a_broadcast_once_for_all_workers) {
  auto deflating = on_every_worker(3), plain = on_every_worker(1, "");
  auto const before = io.stats().messages_deflated;
  plain[0].send(event("say", long_text));
  std::set<std::string> frames;
  for (auto& each : deflating) {
    auto const frame = each.receive_frame();
    EXPECT_EQ(Reader().text(frame), event("said", long_text));
    EXPECT_EQ(frame.first, deflated_text);
    frames.insert(frame.second);
  }
  for (auto& each : plain) EXPECT_EQ(each.receive_frame(), std::pair(plain_text, event("said", long_text)));
  EXPECT_EQ(frames.size(), 1u);
  EXPECT_EQ(io.stats().messages_deflated - before, 1u);
  EXPECT_GT(io.stats().deflate_bytes_saved, 4'900u);
}

TEST_F(Compression, leaves_small_messages_and_those_of_compress_false_as_they_are) {
  auto all = on_every_worker(1);
  auto const expect_plain = [&](std::string const& said, std::string const& heard) {
    all[0].send(said);
    for (auto& each : all) EXPECT_EQ(each.receive_frame(), std::pair(plain_text, heard));
  };
  expect_plain(event("say", "short"), event("said", "short"));
  expect_plain(event("say plainly", long_text), event("said", long_text));
  all[1].send(event("echo plainly", long_text));
  EXPECT_EQ(all[1].receive_frame(), std::pair(plain_text, event("echo", long_text)));
  EXPECT_EQ(io.stats().messages_deflated, 0u);
  all[1].send(event("echo", long_text));
  EXPECT_EQ(all[1].receive_frame().first, deflated_text);
}

TEST_F(Compression, keeps_to_the_window_that_a_client_has) {
  auto usual = client(0), small = client(1, offer("; server_max_window_bits=9"));
  EXPECT_THAT(small.handshake(), ::testing::HasSubstr("server_max_window_bits=9"));
  // Repeats what lies further back than 512 bytes.
  std::string text;
  for (int i = 0; i < 400; ++i) text += std::to_string(i * 7919 % 10'007);
  text += text;
  usual.send(event("say", text));
  auto const large_frame = usual.receive_frame(), small_frame = small.receive_frame();
  EXPECT_LT(large_frame.second.size() * 3, small_frame.second.size() * 2);
  EXPECT_EQ(Reader().text(large_frame), event("said", text));
  EXPECT_EQ(Reader(9).text(small_frame), event("said", text));
  EXPECT_EQ(io.stats().messages_deflated, 2u);
}

TEST_F(Compression, inflates_what_clients_say) {
  websocket::DeflateCounters counters;
  websocket::MessageDeflater deflater({.threshold = 0}, 15, Context::none, counters);
  auto one = client(2);
  std::string frame;
  deflater.append_frame(frame, websocket::Opcode::text, {}, event("echo", long_text));
  ASSERT_EQ(frame[1] & 0x7f, static_cast<int>(frame.size()) - 2);
  for (int round = 0; round < 3; ++round) {
    one.send_frame(0x41, frame.substr(2));
    EXPECT_EQ(Reader().text(one.receive_frame()), event("echo", long_text));
  }
}

TEST_F(Compression, ends_a_bomb_with_1009_and_what_is_malformed_with_1007) {
  websocket::DeflateCounters counters;
  websocket::MessageDeflater deflater({}, 15, Context::none, counters);
  std::string bomb;
  deflater.append_frame(bomb, websocket::Opcode::binary, {}, std::string(100'000'000, '\0'));
  auto bystander = client(3), hostile = client(3), broken = client(3);
  hostile.send_frame(0x42, std::string_view(bomb).substr(10));
  EXPECT_EQ(hostile.receive_frame(), std::pair(0x88, std::string("\x03\xf1")));
  broken.send_frame(0x41, "\xff\xff\xff");
  EXPECT_EQ(broken.receive_frame(), std::pair(0x88, std::string("\x03\xef")));
  bystander.send(event("echo", long_text));
  EXPECT_EQ(Reader().text(bystander.receive_frame()), event("echo", long_text));
}

TEST_F(Compression, is_for_plain_websockets_too) {
  auto echo = WebSocketClient::raw(io.port(), "/echo", offer());
  echo.send(long_text);
  auto const frame = echo.receive_frame();
  EXPECT_EQ(frame.first, deflated_text);
  EXPECT_EQ(Reader().text(frame), long_text);
}

class CompressionInContext : public Compression {
 protected:
  CompressionInContext() : Compression(in_context()) {}
  static PerMessageDeflate in_context() {
    auto deflate = deflate_options();
    deflate.context_takeover = true;
    return deflate;
  }
};

TEST_F(CompressionInContext, lets_each_client_refer_to_what_it_got_before) {
  auto first = client(0), late = client(0);
  EXPECT_THAT(first.handshake(), ::testing::HasSubstr("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  std::string text;
  for (int i = 0; i < 400; ++i) text += std::to_string(i * 7919 % 10'007);
  Reader of_first(15, Context::taken_over), of_late(15, Context::taken_over);
  std::vector<std::size_t> sizes;
  for (int round = 0; round < 3; ++round) {
    first.send(event("echo", text));
    auto const frame = first.receive_frame();
    sizes.push_back(frame.second.size());
    EXPECT_EQ(of_first.text(frame), event("echo", text));
  }
  EXPECT_LT(sizes[1] * 5, sizes[0]);
  first.send(event("say", text));
  EXPECT_EQ(of_first.text(first.receive_frame()), event("said", text));
  EXPECT_EQ(of_late.text(late.receive_frame()), event("said", text));
}

TEST_F(CompressionInContext, reads_what_refers_to_what_was_said_before) {
  websocket::DeflateCounters counters;
  websocket::MessageDeflater deflater({.threshold = 0}, 15, Context::taken_over, counters);
  auto one = client(2);
  Reader reader(15, Context::taken_over);
  for (int round = 0; round < 3; ++round) {
    std::string frame;
    deflater.append_frame(frame, websocket::Opcode::text, {}, event("echo", long_text));
    ASSERT_EQ(frame[0], '\xc1');
    one.send_frame(0x41, std::string_view(frame).substr(2));
    EXPECT_EQ(reader.text(one.receive_frame()), event("echo", long_text));
  }
}

TEST_F(CompressionInContext, shares_frames_with_those_who_want_no_context) {
  auto all = on_every_worker(2, offer("; server_no_context_takeover"));
  all[0].send(event("say", long_text));
  for (auto& each : all) EXPECT_EQ(Reader().text(each.receive_frame()), event("said", long_text));
  EXPECT_EQ(io.stats().messages_deflated, 1u);
}

TEST_F(CompressionInContext, forgets_the_streams_of_whoever_has_gone) {
  for (int round = 0; round < 3; ++round) {
    auto one = client(1);
    Reader reader(15, Context::taken_over);
    one.send(event("echo", long_text));
    EXPECT_EQ(reader.text(one.receive_frame()), event("echo", long_text)) << "a stream of its own from the beginning";
    one.send_frame(8, "");
    EXPECT_TRUE(one.connection().ends());
  }
}

TEST(CompressionOptions, ES132_may_have_polls_compressed_from_the_first_byte_on) {
  auto options = four_workers();
  options.http_compression.threshold = 0;
  Server io(options);
  io.start();
  Connection connection(io.port());
  for (int worker = 0; worker < 4; ++worker) {
    auto const sid = open_polling(io.port(), "&worker=" + std::to_string(worker));
    std::string const connect = "40/" + std::string(100, 'x') + ",";  // which is no namespace
    EXPECT_EQ(request(io.port(), "POST", polling_path("&sid=" + sid), connect).body, "ok");
    write_request(connection, "GET", polling_path("&sid=" + sid), {}, "Accept-Encoding: gzip\r\n");
    auto const reply = read_reply(connection);
    EXPECT_THAT(reply.head, ::testing::HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_LT(reply.body.size(), 100u);
  }
}

TEST(CompressionOptions, are_refused_with_a_sentence) {
  auto options = four_workers();
  options.per_message_deflate.level = 10;
  try {
    Server server(options);
    FAIL();
  } catch (std::runtime_error const& error) {
    EXPECT_STREQ(error.what(), "per_message_deflate.level: 10 is not allowed; 1 to 9");
  }
}

}  // namespace
}  // namespace chorus
