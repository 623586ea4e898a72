#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "chorus/handshake.hpp"
#include "support/request_parts.hpp"

namespace chorus {
namespace {

using testing::browser_request;
using testing::expect_parts;
using Request = Handshake::Request;

Request::Parts small_request() {
  return {.headers = {{"host", "a"}, {"cookie", "c=1"}, {"cookie", "c=2"}, {"x-empty", ""}},
          .query = {{"EIO", "4"}, {"name", "J\xc3\xbcrgen"}, {"EIO", ""}},
          .url = "/socket.io/?EIO=4&name=J%C3%BCrgen&EIO",
          .address = "::1",
          .secure = true,
          .issued = std::chrono::system_clock::time_point(std::chrono::nanoseconds(1'234'567'890'123))};
}

TEST(HandshakeRequest, gives_back_what_it_was_made_of) {
  auto const parts = small_request();
  expect_parts(Request(parts), parts);
  expect_parts(Request(parts, Request(parts)), parts);
  expect_parts(Request(Request::Parts()), {});
  expect_parts(Request(), {});
}

TEST(HandshakeRequest, knows_its_clients_certificate) {
  auto parts = small_request();
  for (auto const verified : {true, false})
    for (std::string const& subject : {std::string("CN=J\xc3\xbcrgen,O=Test"), std::string(), std::string(300, 's')}) {
      parts.client_certificate = {.subject = subject, .verified = verified};
      expect_parts(Request(parts), parts);
      expect_parts(Request(parts, Request(parts)), parts);
    }
}

TEST(HandshakeRequest, keeps_little_beside_a_model_of_its_kind) {
  Request const model(browser_request("x3JJHMbDL1EzLkh9GBhXDw==", "id=1"));
  EXPECT_GT(model.bytes(), 500u);
  auto const parts = browser_request("AQIDBAUGBwgJCgsMDQ4PEA==", "id=2");
  Request const request(parts, model);
  expect_parts(request, parts);
  EXPECT_EQ(request.bytes(), 24u + 4 + 13 + 24 + 4 + 2 + 11);  // sizes, headers, key, cookie, query, address
  EXPECT_EQ(Request().bytes(), 0u);
}

TEST(HandshakeRequest, stores_a_query_once_as_it_stands_in_the_url) {
  std::string const token(400, 't');
  auto const url = "/socket.io/?EIO=4&token=" + token;
  Request const request({.headers = {}, .query = {{"EIO", "4"}, {"token", token}}, .url = url, .address = {}});
  EXPECT_LT(request.bytes(), url.size() + 40);
  EXPECT_EQ(testing::pairs_of(request.query()).at(1).second, token);
  // ... and what stands there in another way by itself.
  auto const decoded = testing::PairList{{"n\xc3\xa4me", "1"}, {"a", "2"}};
  Request const other({.headers = {}, .query = decoded, .url = "/?n%C3%A4me=1&a=2", .address = {}});
  EXPECT_EQ(testing::pairs_of(other.query()), decoded);
  Request const without_url({.headers = {}, .query = decoded, .url = {}, .address = {}});
  EXPECT_EQ(testing::pairs_of(without_url.query()), decoded);
}

TEST(HandshakeRequest, uses_no_model_of_other_names_nor_one_that_leans_itself) {
  auto const parts = small_request();
  Request const alone(parts);
  auto renamed = parts;
  renamed.headers[1].first = "x-cookie";
  EXPECT_EQ(Request(parts, Request(renamed)).bytes(), alone.bytes());
  EXPECT_EQ(Request(parts, Request(parts, alone)).bytes(), alone.bytes());
  EXPECT_EQ(Request(parts, Request()).bytes(), alone.bytes());
  EXPECT_LT(Request(parts, alone).bytes(), alone.bytes());
}

TEST(HandshakeRequest, outlives_every_other_handle_to_its_model) {
  auto const parts = browser_request("key", "cookie");
  Request request;
  {
    Request const model(browser_request("other key", "other cookie"));
    request = Request(parts, model);
  }
  expect_parts(request, parts);
  auto const url = request.url();
  Request const copy = request;
  request = Request();
  EXPECT_EQ(url, parts.url);
  expect_parts(copy, parts);
}

TEST(HandshakeRequest, may_be_held_and_let_go_by_several_threads) {
  auto const parts = browser_request("key", "cookie");
  Request request(parts, Request(parts));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([request, &parts] {
      for (int round = 0; round < 200; ++round) expect_parts(Request(request), parts);
    });
  request = Request();
  for (auto& thread : threads) thread.join();
}

TEST(HandshakeRequest, finds_headers_in_any_case_and_query_parameters_in_theirs) {
  Handshake const handshake(Request(small_request(), Request(small_request())), "");
  EXPECT_EQ(handshake.header("HoSt"), "a");
  EXPECT_EQ(handshake.header("Cookie"), "c=1");
  EXPECT_EQ(handshake.header("absent"), "");
  EXPECT_TRUE(handshake.has_header("X-Empty"));
  EXPECT_FALSE(handshake.has_header("absent"));
  EXPECT_EQ(handshake.query("EIO"), "4");
  EXPECT_EQ(handshake.query("name"), "J\xc3\xbcrgen");
  EXPECT_EQ(handshake.query("eio"), std::nullopt);
  EXPECT_FALSE(handshake.cross_domain());
  EXPECT_TRUE(handshake.secure());
}

/// Parts that own their URL.
struct RandomParts {
  std::string url;
  Request::Parts parts;
};

class Generator {
 public:
  std::uint32_t below(std::uint32_t limit) { return random_() % limit; }
  std::string word(std::uint32_t size_max) {
    return std::string(below(size_max + 1), static_cast<char>('a' + below(3)));
  }

  RandomParts make() {
    RandomParts made;
    for (auto count = below(6); count > 0; --count) made.parts.headers.emplace_back(word(1), value());
    made.url = "/?";
    for (auto count = below(4); count > 0; --count) {
      auto const& [name, text] = made.parts.query.emplace_back(word(2), value());
      auto const raw = below(4) == 0 ? "%41" : text;  // decoded differently, or not in need of it
      made.url.append(name).append("=").append(raw).append("&");
    }
    if (below(4) == 0) made.url.clear();
    made.parts.secure = below(2) == 0;
    made.parts.issued += std::chrono::nanoseconds(below(1000));
    return made;
  }

 private:
  std::string value() { return word(below(10) == 0 ? 70'000 : 2); }
  std::mt19937 random_{11};  // the same requests in every run
};

TEST(HandshakeRequest, equals_its_parts_whatever_it_leans_on) {
  Generator generator;
  for (int round = 0; round < 3000; ++round) {
    auto made = generator.make();
    made.parts.url = made.url;
    auto other = generator.make();
    other.parts.url = generator.below(2) == 0 ? made.url : other.url;
    if (generator.below(2) == 0) {  // a model of the same names, and some more
      other.parts.headers.insert(other.parts.headers.begin(), made.parts.headers.begin(), made.parts.headers.end());
      for (auto& [name, value] : other.parts.headers)
        if (generator.below(2) == 0) value = generator.word(3);
    }
    expect_parts(Request(made.parts), made.parts);
    expect_parts(Request(made.parts, Request(other.parts)), made.parts);
  }
}

}  // namespace
}  // namespace chorus
