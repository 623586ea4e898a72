#include "server/relay_letters.hpp"

#include <gtest/gtest.h>

namespace chorus::server {
namespace {

http::Request request() {
  return http::read_request("POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n40").value();
}

engine::Ticket ticket() { return ticket_of({65'000, 255}, make_ticket(63, 4'000'000'000, {7, 9})); }

TEST(Tickets, name_connection_request_worker_and_process) {
  auto const there = ticket();
  EXPECT_EQ(worker_of(there), 63u);
  EXPECT_EQ(sequence_of(there), 4'000'000'000u);
  EXPECT_EQ(connection_of(there), (net::ConnectionId{7, 9}));
  EXPECT_EQ(node_of(there), (cluster::NodeName{65'000, 255}));
  auto const here = ticket_here(there);
  EXPECT_EQ(here, make_ticket(63, 4'000'000'000, {7, 9}));
  EXPECT_EQ(node_of(here), std::nullopt);
  EXPECT_EQ(node_of(ticket_of({0, 0}, here)), (cluster::NodeName{0, 0}));
}

TEST(RelayLetters, a_request_arrives_as_it_was_sent) {
  auto const bytes =
      encode(Addressed<RequestLetter>{3, {1, "sid", request(), ticket(), "10.0.0.1", net::TlsPeer{"CN=anna", true}}});
  auto const read = decode_letter(bytes, {});
  ASSERT_TRUE(read);
  auto const& [worker, letter] = std::get<Addressed<RequestLetter>>(*read);
  EXPECT_EQ(worker, 3u);
  EXPECT_EQ(letter.mount, 1u);
  EXPECT_EQ(letter.sid, "sid");
  EXPECT_EQ(letter.ticket, ticket());
  EXPECT_EQ(letter.address, "10.0.0.1");
  ASSERT_TRUE(letter.tls);
  EXPECT_EQ(letter.tls->subject, "CN=anna");
  EXPECT_TRUE(letter.tls->verified);
  EXPECT_EQ(letter.request.body(), "40");
  EXPECT_EQ(letter.request.target(), "/socket.io/?EIO=4");
}

TEST(RelayLetters, a_hang_up_and_a_moving_websocket_arrive_as_they_were_sent) {
  auto const gone = decode_letter(encode(Addressed<GoneLetter>{2, {"sid", ticket()}}), {});
  ASSERT_TRUE(gone);
  EXPECT_EQ(std::get<Addressed<GoneLetter>>(*gone).letter.ticket, ticket());

  auto const refused = PostLetter::News::refused;
  auto const post = decode_letter(encode(Addressed<PostLetter>{2, {1, "sid", ticket(), refused}}), {});
  ASSERT_TRUE(post);
  auto const& [worker, letter] = std::get<Addressed<PostLetter>>(*post);
  EXPECT_EQ(worker, 2u);
  EXPECT_EQ(letter.mount, 1u);
  EXPECT_EQ(letter.sid, "sid");
  EXPECT_EQ(letter.ticket, ticket());
  EXPECT_EQ(letter.news, refused);

  Addressed<MoveLetter> move;
  move.worker = 1;
  move.letter.sid = "sid";
  move.letter.request = request();
  move.letter.unread = std::string("\x81\x00", 2);
  move.letter.headers = {{"Set-Cookie", "a=1"}, {"X", ""}};
  move.letter.answered = true;
  auto const moved = decode_letter(encode(move), {});
  ASSERT_TRUE(moved);
  EXPECT_EQ(std::get<Addressed<MoveLetter>>(*moved).letter.unread, move.letter.unread);
  EXPECT_EQ(std::get<Addressed<MoveLetter>>(*moved).letter.request.header("host"), "a");
  EXPECT_EQ(std::get<Addressed<MoveLetter>>(*moved).letter.headers, move.letter.headers);
  EXPECT_TRUE(std::get<Addressed<MoveLetter>>(*moved).letter.answered);
}

TEST(RelayLetters, an_answer_arrives_as_it_was_given) {
  AnswerLetter const answer{ticket(), {200, engine::HttpAnswer::ContentType::html, "ok", engine::Compress::yes}};
  auto const read = decode_letter(encode(answer), {});
  ASSERT_TRUE(read);
  auto const& letter = std::get<AnswerLetter>(*read);
  EXPECT_EQ(letter.ticket, ticket());
  EXPECT_EQ(letter.answer.status, 200);
  EXPECT_EQ(letter.answer.content_type, engine::HttpAnswer::ContentType::html);
  EXPECT_EQ(letter.answer.body, "ok");
  EXPECT_EQ(letter.answer.compress, engine::Compress::yes);
}

TEST(RelayLetters, whatever_is_cut_or_strange_is_refused) {
  std::vector<std::string> const all = {
      encode(Addressed<RequestLetter>{3, {1, "sid", request(), ticket(), "10.0.0.1"}}),
      encode(Addressed<RequestLetter>{3, {1, "sid", request(), ticket(), "10.0.0.1", net::TlsPeer{"CN=a", false}}}),
      encode(Addressed<GoneLetter>{2, {"sid", ticket()}}),
      encode(Addressed<PostLetter>{2, {1, "sid", ticket(), PostLetter::News::begun}}),
      encode(Addressed<MoveLetter>{1, {1, "sid", request(), {}, "unread", nullptr, {{"a", "b"}}}}),
      encode(AnswerLetter{ticket(), {200, engine::HttpAnswer::ContentType::html, "ok"}})};
  for (auto const& bytes : all) {
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decode_letter(Bytes(bytes).substr(0, size), {})) << size;
    EXPECT_FALSE(decode_letter(bytes + "x", {}));
    for (char const other : {'\0', '\1', '\x7f'}) {
      auto changed = bytes;
      changed[0] = other;
      EXPECT_FALSE(decode_letter(changed, {}));
    }
    auto kind = bytes;
    kind[1] = 9;
    EXPECT_FALSE(decode_letter(kind, {}));
  }
}

}  // namespace
}  // namespace chorus::server
