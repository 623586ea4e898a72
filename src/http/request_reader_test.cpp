#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace chorus::http {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

std::string describe(Request const& request) {
  std::string text(request.method());
  text += " " + std::string(request.path()) + " ? " + std::string(request.query_string()) + " 1." +
          std::to_string(request.minor_version()) + (request.keep_alive() ? " keep" : " close");
  for (Header const header : request.headers()) {
    text += "\n" + std::string(header.name) + "=" + std::string(header.value);
  }
  return text + "\n\n" + request.body();
}

/// What came out of bytes cut before each place of `cuts`: the requests, "continue", the status of a fault.
Lines outcome(Bytes wire, std::vector<std::size_t> const& cuts = {}, Limits const& limits = {}) {
  RequestReader reader(limits);
  Lines lines;
  std::size_t at = 0;
  auto const feed_up_to = [&](std::size_t end) {
    std::vector<char> const exact(wire.begin() + at, wire.begin() + end);  // the sanitizer sees what lies beyond
    at = end;
    Bytes piece(exact.data(), exact.size());
    while (true) {
      auto const step = reader.feed(piece);
      if (!step) {
        auto const line = std::to_string(status_of(step.error()));
        if (lines.empty() || lines.back() != line) lines.push_back(line);
        return;
      }
      if (*step == ReadStep::need_more) {
        EXPECT_TRUE(piece.empty());
        return;
      }
      lines.push_back(*step == ReadStep::request ? describe(reader.take()) : "continue");
    }
  };
  for (std::size_t const cut : cuts) feed_up_to(cut);
  feed_up_to(wire.size());
  return lines;
}

/// The same outcome whole, byte by byte and cut in two at every place; returns it.
Lines checked_outcome(Bytes wire, Limits const& limits = {}) {
  auto const whole = outcome(wire, {}, limits);
  std::vector<std::size_t> each;
  for (std::size_t i = 1; i < wire.size(); ++i) {
    each.push_back(i);
    if (wire.size() < 5000) {
      EXPECT_EQ(outcome(wire, {i}, limits), whole) << "cut at " << i;
    }
  }
  EXPECT_EQ(outcome(wire, each, limits), whole) << "byte by byte";
  return whole;
}

Lines status(int code) { return {std::to_string(code)}; }

TEST(RequestReader, reads_a_request_without_a_body) {
  EXPECT_EQ(checked_outcome("GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a:3000\r\nX-Empty:\r\n"
                            "Accept: \t*/* \t\r\n\r\n"),
            Lines{"GET /engine.io/ ? EIO=4&transport=polling 1.1 keep\nHost=a:3000\nX-Empty=\nAccept=*/*\n\n"});
}

TEST(RequestReader, reads_a_sized_body_and_leaves_what_is_pipelined_behind_it) {
  Bytes input = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP";
  RequestReader reader;
  EXPECT_EQ(reader.feed(input).value(), ReadStep::request);
  EXPECT_EQ(input, "GET / HTTP");
  EXPECT_EQ(reader.feed(input).value(), ReadStep::request) << "nothing is consumed until take()";
  EXPECT_EQ(reader.take().body(), "hello");
  EXPECT_TRUE(reader.idle());
  EXPECT_EQ(reader.feed(input).value(), ReadStep::need_more);
  EXPECT_TRUE(reader.in_head());
}

TEST(RequestReader, reads_pipelined_requests_one_by_one) {
  EXPECT_EQ(checked_outcome("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                            "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                            "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
                            "GET /4 HTTP/1.0\r\n\r\n"),
            (Lines{"GET /1 ?  1.1 keep\nHost=a\n\n", "POST /2 ?  1.1 keep\nHost=a\nContent-Length=3\n\nabc",
                   "POST /3 ?  1.1 keep\nHost=a\nTransfer-Encoding=chunked\n\nde", "GET /4 ?  1.0 close\n\n"}));
}

TEST(RequestReader, reads_chunked_bodies_with_extensions_and_trailers) {
  EXPECT_EQ(checked_outcome("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n"
                            "5;name=\"value\"\r\nhello\r\n00A;x\r\n, chunked!\r\n0;last\r\nX-Sum: 1\r\nY:\r\n\r\n"),
            Lines{"POST / ?  1.1 keep\nHost=a\ntransfer-encoding=Chunked\n\nhello, chunked!"});
}

TEST(RequestReader, asks_for_100_continue_before_the_body) {
  EXPECT_EQ(checked_outcome("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\nok"),
            (Lines{"continue", "POST / ?  1.1 keep\nHost=a\nContent-Length=2\nExpect=100-Continue\n\nok"}));
  EXPECT_EQ(checked_outcome("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"),
            (Lines{"GET / ?  1.1 keep\nHost=a\nExpect=100-continue\n\n"}))
      << "there is no body to wait for";
  EXPECT_EQ(checked_outcome("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok"),
            (Lines{"POST / ?  1.0 close\nContent-Length=2\nExpect=100-continue\n\nok"}))
      << "HTTP/1.0 knows no expectations";
}

TEST(RequestReader, refuses_other_expectations) {
  EXPECT_EQ(checked_outcome("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: a-miracle\r\n\r\nok"),
            status(417));
}

TEST(RequestReader, keeps_connections_as_the_version_says) {
  std::pair<char const*, bool> const table[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, CLOSE\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
  };
  for (auto const& [wire, keeps] : table) EXPECT_EQ(read_request(wire).value().keep_alive(), keeps) << wire;
}

TEST(RequestReader, reduces_the_absolute_form_to_path_and_query) {
  std::pair<char const*, char const*> const table[] = {
      {"http://host/path?x=1", "/path?x=1"}, {"HTTPS://host:1/", "/"}, {"http://host", "/"},
      {"http://host?x=1", "/?x=1"},          {"http://h", "/"},        {"http://[::1]:80/a?", "/a?"},
  };
  for (auto const& [target, reduced] : table) {
    auto const request = read_request("GET "s + target + " HTTP/1.1\r\nHost: host\r\n\r\n").value();
    EXPECT_EQ(request.target(), reduced);
    EXPECT_EQ(request.path(), Bytes(reduced).substr(0, Bytes(reduced).find('?')));
  }
}

TEST(RequestReader, accepts_the_asterisk_for_options_only) {
  EXPECT_EQ(read_request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").value().path(), "*");
  EXPECT_EQ(checked_outcome("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), status(400));
}

TEST(RequestReader, skips_a_few_empty_lines_before_a_request) {
  EXPECT_EQ(checked_outcome("\r\n\r\nGET / HTTP/1.0\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
            (Lines{"GET / ?  1.0 close\n\n", "GET / ?  1.0 close\n\n"}));
  std::string lines;
  for (int i = 0; i < 9; ++i) lines += "\r\n";
  EXPECT_EQ(checked_outcome(lines), status(400));
  EXPECT_EQ(checked_outcome("\nGET / HTTP/1.0\r\n\r\n"), status(400));
  EXPECT_EQ(checked_outcome("\rGET / HTTP/1.0\r\n\r\n"), status(400));
}

struct BadHead {
  char const* name;
  std::string wire;
};

TEST(RequestReader, refuses_request_lines_that_are_malformed) {
  BadHead const table[] = {
      {"no method", " / HTTP/1.1\r\n"},
      {"no target", "GET HTTP/1.1\r\n"},
      {"empty target", "GET  HTTP/1.1\r\n"},
      {"no version", "GET /\r\n"},
      {"two spaces", "GET  / HTTP/1.1\r\n"},
      {"space behind", "GET / HTTP/1.1 \r\n"},
      {"space in target", "GET /a b HTTP/1.1\r\n"},
      {"tab for space", "GET\t/ HTTP/1.1\r\n"},
      {"method with a colon", "GE:T / HTTP/1.1\r\n"},
      {"method with a control byte", "GE\x01T / HTTP/1.1\r\n"},
      {"target with a control byte", "GET /\x7f HTTP/1.1\r\n"},
      {"target with NUL", "GET /a\0b HTTP/1.1\r\n"s},
      {"target beyond ASCII", "GET /\xc3\xbc HTTP/1.1\r\n"},
      {"target with a fragment", "GET /a#b HTTP/1.1\r\n"},
      {"target without a slash", "GET index.html HTTP/1.1\r\n"},
      {"another scheme", "GET ftp://host/ HTTP/1.1\r\n"},
      {"absolute form without a host", "GET http:///path HTTP/1.1\r\n"},
      {"user in the authority", "GET http://me@host/ HTTP/1.1\r\n"},
      {"CONNECT", "CONNECT host:443 HTTP/1.1\r\n"},
      {"lower case version", "GET / http/1.1\r\n"},
      {"version cut", "GET / HTTP/1\r\n"},
      {"version long", "GET / HTTP/1.10\r\n"},
      {"version of letters", "GET / HTTP/x.y\r\n"},
      {"bare LF", "GET / HTTP/1.1\n"},
      {"bare CR", "GET / HTTP/1.1\rHost: a\r\n"},
      {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x0a"s},
  };
  for (auto const& bad : table) EXPECT_EQ(checked_outcome(bad.wire), status(400)) << bad.name;
}

TEST(RequestReader, tells_a_version_it_does_not_speak) {
  EXPECT_EQ(checked_outcome("GET / HTTP/2.0\r\n"), status(505));
  EXPECT_EQ(checked_outcome("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), status(505));
  EXPECT_EQ(checked_outcome("GET / HTTP/0.9\r\n"), status(505));
  EXPECT_EQ(read_request("GET / HTTP/1.7\r\nHost: a\r\n\r\n").value().minor_version(), 1);
}

/// After "POST / HTTP/1.1\r\n".
TEST(RequestReader, refuses_the_forms_that_smuggle_requests) {
  BadHead const table[] = {
      {"both lengths", "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"both lengths, the other order", "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"},
      {"two lengths", "Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"},
      {"the same length twice", "Host: a\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n"},
      {"length as a list", "Host: a\r\nContent-Length: 5,5\r\n\r\n"},
      {"length with a plus", "Host: a\r\nContent-Length: +5\r\n\r\n"},
      {"length below zero", "Host: a\r\nContent-Length: -5\r\n\r\n"},
      {"length in hex", "Host: a\r\nContent-Length: 0x5\r\n\r\n"},
      {"length with a space", "Host: a\r\nContent-Length: 5 5\r\n\r\n"},
      {"empty length", "Host: a\r\nContent-Length:\r\n\r\n"},
      {"length beyond 64 bits", "Host: a\r\nContent-Length: 18446744073709551616\r\n\r\n"},
      {"identity", "Host: a\r\nTransfer-Encoding: identity\r\n\r\n"},
      {"chunked not last", "Host: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"},
      {"chunked twice", "Host: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n"},
      {"chunked in two headers", "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"chunked and identity in two headers", "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"},
      {"xchunked", "Host: a\r\nTransfer-Encoding: xchunked\r\n\r\n"},
      {"quoted chunked", "Host: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n"},
      {"chunked with a parameter", "Host: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n"},
      {"vertical tab before chunked",
       "Host: a\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n"},
      {"empty coding", "Host: a\r\nTransfer-Encoding:\r\n\r\n"},
      {"empty element", "Host: a\r\nTransfer-Encoding: , chunked\r\n\r\n"},
      {"space before the colon", "Host: a\r\nContent-Length : 5\r\n\r\n"},
      {"tab before the colon", "Host: a\r\nTransfer-Encoding\t: chunked\r\n\r\n"},
      {"folded line", "Host: a\r\nX: 1\r\n Content-Length: 5\r\n\r\n"},
      {"folded first line", " Host: a\r\n\r\n"},
      {"no colon", "Host: a\r\nContent-Length\r\n\r\n"},
      {"no name", "Host: a\r\n: 5\r\n\r\n"},
      {"name with a bracket", "Host: a\r\nContent[Length: 5\r\n\r\n"},
      {"name beyond ASCII", "Host: a\r\nContent-L\xc3\xa4nge: 5\r\n\r\n"},
      {"bare LF between headers", "Host: a\nContent-Length: 5\r\n\r\n"},
      {"bare CR between headers", "Host: a\rContent-Length: 5\r\n\r\n"},
      {"CR CR LF", "Host: a\r\r\n\r\n"},
      {"bare LF as the end", "Host: a\r\n\n"},
      {"NUL in a value", "Host: a\r\nX: a\0b\r\n\r\n"s},
      {"control byte in a value", "Host: a\r\nX: a\x1b[2J\r\n\r\n"},
      {"DEL in a value", "Host: a\r\nX: \x7f\r\n\r\n"},
      {"no Host", "X: 1\r\n\r\n"},
      {"two Hosts", "Host: a\r\nHost: a\r\n\r\n"},
      {"Host of two words", "Host: a b\r\n\r\n"},
      {"Host with a path", "Host: a/b\r\n\r\n"},
      {"Host with a user", "Host: me@a\r\n\r\n"},
  };
  for (auto const& bad : table) EXPECT_EQ(checked_outcome("POST / HTTP/1.1\r\n" + bad.wire), status(400)) << bad.name;
  EXPECT_EQ(checked_outcome("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), status(400));
}

TEST(RequestReader, tells_a_transfer_coding_that_it_does_not_know) {
  EXPECT_EQ(checked_outcome("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), status(501));
}

TEST(RequestReader, refuses_chunks_that_are_malformed) {
  BadHead const table[] = {
      {"no size", "\r\n"},
      {"only an extension", ";x\r\n"},
      {"not hex", "g\r\n"},
      {"0x", "0x5\r\nhello\r\n"},
      {"plus", "+5\r\nhello\r\n"},
      {"minus", "-1\r\n"},
      {"space before the size", " 5\r\nhello\r\n"},
      {"space after the size", "5 \r\nhello\r\n"},
      {"more than 64 bits", "00000000000000005\r\nhello\r\n"},
      {"bare LF after the size", "5\nhello\r\n"},
      {"bare CR after the size", "5\rhello\r\n"},
      {"LF in an extension", "5;a\nhello\r\n"},
      {"NUL in an extension", "5;\0\r\nhello\r\n"s},
      {"data longer than the size", "5\r\nhello!\r\n"},
      {"data without its end", "5\r\nhello0\r\n\r\n"},
      {"bare LF after the data", "5\r\nhello\n"},
      {"bare LF as the end", "0\r\n\n"},
      {"bare CR as the end", "0\r\n\rx"},
      {"folded trailer", "0\r\n X: 1\r\n\r\n"},
      {"bare LF in a trailer", "0\r\nX: 1\n\r\n"},
      {"bare CR in a trailer", "0\r\nX: 1\rY"},
  };
  for (auto const& bad : table) {
    EXPECT_EQ(checked_outcome("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + bad.wire),
              status(400))
        << bad.name;
  }
}

TEST(RequestReader, refuses_a_body_above_the_limit_as_soon_as_it_is_declared) {
  Limits const limits{.body_bytes_max = 10};
  auto const head = "POST /x HTTP/1.1\r\nHost: a\r\n"s;
  auto const chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(checked_outcome(head + "Content-Length: 10\r\n\r\n0123456789", limits).size(), 1u);
  EXPECT_EQ(checked_outcome(head + "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n", limits), status(413));
  EXPECT_EQ(checked_outcome(chunked + "A\r\n0123456789\r\n0\r\n\r\n", limits).front().substr(0, 4), "POST");
  EXPECT_EQ(checked_outcome(chunked + "B\r", limits), status(413));
  EXPECT_EQ(checked_outcome(chunked + "ffffffffffffffff\r\n", limits), status(413));
  EXPECT_EQ(checked_outcome(chunked + "5\r\n01234\r\n6\r\n", limits), status(413));
}

TEST(RequestReader, shows_the_head_of_a_request_whose_body_is_too_large) {
  RequestReader reader({.body_bytes_max = 10});
  Bytes input = "POST /x HTTP/1.1\r\nHost: a\r\n";
  ASSERT_TRUE(reader.feed(input));
  EXPECT_EQ(reader.head(), nullptr);
  input = "Content-Length: 11\r\n\r\n";
  EXPECT_EQ(reader.feed(input).error(), ReadError::body_too_large);
  ASSERT_NE(reader.head(), nullptr);
  EXPECT_EQ(reader.head()->path(), "/x");
  EXPECT_EQ(reader.feed(input).error(), ReadError::body_too_large) << "a fault is final";
}

TEST(RequestReader, bounds_head_target_headers_extensions_and_trailers) {
  auto const line = "GET / HTTP/1.1\r\nHost: a\r\n"s;
  Limits const limits{.head_bytes_max = 300,
                      .headers_max = 5,
                      .target_bytes_max = 100,
                      .chunk_extension_bytes_max = 20,
                      .trailer_bytes_max = 20};
  EXPECT_EQ(checked_outcome(line + "X: " + std::string(300, 'x'), limits), status(431));
  EXPECT_EQ(checked_outcome(line + "X: " + std::string(300, 'x') + "\r\n\r\n", limits), status(431));
  EXPECT_EQ(checked_outcome(line + "A:\r\nB:\r\nC:\r\nD:\r\n\r\n", limits).size(), 1u);
  EXPECT_EQ(checked_outcome(line + "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n", limits), status(431));
  EXPECT_EQ(checked_outcome("GET /" + std::string(99, 'x') + " HTTP/1.0\r\n\r\n", limits).front().substr(0, 3), "GET");
  EXPECT_EQ(checked_outcome("GET /" + std::string(100, 'x') + " HTTP/1.0\r\n\r\n", limits), status(414));
  EXPECT_EQ(checked_outcome("GET /" + std::string(1000, 'x'), limits), status(414));
  auto const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"s;
  EXPECT_EQ(checked_outcome(chunked + "1;" + std::string(9, 'x') + "\r\n.\r\n1;" + std::string(10, 'x'), limits),
            status(400));
  EXPECT_EQ(checked_outcome(chunked + "0\r\nX: " + std::string(20, 'x'), limits), status(431));
}

TEST(RequestReader, a_head_of_exactly_the_limit_passes) {
  auto const wire = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(60, 'x') + "\r\n\r\n";
  EXPECT_EQ(checked_outcome(wire, {.head_bytes_max = wire.size()}).front().substr(0, 3), "GET");
  EXPECT_EQ(checked_outcome(wire, {.head_bytes_max = wire.size() - 1}), status(431));
}

TEST(RequestReader, tells_whether_it_is_idle_in_the_head_or_in_the_body) {
  RequestReader reader;
  auto const state_after = [&](Bytes input) {
    EXPECT_TRUE(reader.feed(input));
    return reader.idle() ? "idle" : reader.in_head() ? "head" : reader.in_body() ? "body" : "complete";
  };
  EXPECT_STREQ(state_after(""), "idle");
  EXPECT_STREQ(state_after("\r\n"), "idle");
  EXPECT_STREQ(state_after("G"), "head");
  EXPECT_STREQ(state_after("ET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r"), "head");
  EXPECT_STREQ(state_after("\n"), "body");
  EXPECT_STREQ(state_after("1\r\nx\r\n0\r\n\r"), "body");
  EXPECT_STREQ(state_after("\n"), "complete");
  reader.take();
  EXPECT_TRUE(reader.idle());
}

TEST(RequestReader, reads_only_what_is_whole_as_one_request) {
  EXPECT_TRUE(read_request("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(read_request("GET / HTTP/1.0\r\n"));
  EXPECT_FALSE(read_request("GET / HTTP/1.0\r\n\r\nG"));
}

/// Lines that are mostly right.
std::string random_wire(std::mt19937& random) {
  constexpr Bytes lines[] = {"Host: a\r\n",
                             "Content-Length: 4\r\n",
                             "Transfer-Encoding: chunked\r\n",
                             "Expect: 100-continue\r\n",
                             "Connection: close\r\n",
                             "X: y\r\n",
                             " folded\r\n",
                             "Content-Length: 99\r\n",
                             "bad\n"};
  constexpr Bytes bodies[] = {"1234", "4\r\nabcd\r\n0\r\n\r\n", "2;x\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n", "", "\r\n",
                              "zz"};
  std::string wire;
  for (unsigned i = 0, n = 1 + random() % 4; i < n; ++i) {
    wire += random() % 5 == 0 ? "GET / HTTP/1.0\r\n" : "POST /a?b HTTP/1.1\r\nHost: a\r\n";
    for (unsigned k = random() % 4; k > 0; --k) wire += lines[1 + random() % (random() % 10 == 0 ? 8 : 5)];
    wire += "\r\n";
    wire += bodies[random() % 6];
  }
  if (random() % 3 == 0) wire[random() % wire.size()] = static_cast<char>(random());
  return wire;
}

TEST(RequestReader, gives_the_same_outcome_however_the_bytes_are_cut) {
  std::mt19937 random(9112);
  for (int round = 0; round < 3000; ++round) {
    auto const wire = random_wire(random);
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; (at += 1 + random() % (1 + random() % 64)) < wire.size();) cuts.push_back(at);
    Limits const limits{.head_bytes_max = random() % 2 == 0 ? 16384u : 60u, .body_bytes_max = 50};
    ASSERT_EQ(outcome(wire, cuts, limits), outcome(wire, {}, limits)) << wire;
  }
}

}  // namespace
}  // namespace chorus::http
