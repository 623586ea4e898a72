#include "socket/request_models.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/request_parts.hpp"

namespace chorus::socket {
namespace {

using testing::browser_request;
using testing::expect_parts;
using Request = Handshake::Request;

std::string key(int n) { return std::to_string(1'000'000 + n) + "HMbDL1EzLkh9GBw=="; }

/// Makes one, which must be what it was made of.
Request make(RequestModels& models, Request::Parts const& parts) {
  auto request = models.make(parts);
  expect_parts(request, parts);
  return request;
}

bool same_model(Request const& a, Request const& b) { return a.model().url().data() == b.model().url().data(); }

std::size_t bytes_alone(Request::Parts const& parts) { return Request(parts).bytes(); }

TEST(RequestModels, make_the_second_client_of_a_kind_cheap) {
  RequestModels models;
  for (int i = 0; i < 100; ++i) {
    auto const parts = browser_request(key(i), "id=" + std::to_string(100 + i));
    EXPECT_LE(make(models, parts).bytes(), 90u) << i;
  }
  EXPECT_EQ(models.size(), 1u);
}

TEST(RequestModels, tell_kinds_apart_by_user_agent_and_header_names) {
  RequestModels models;
  make(models, browser_request(key(0), ""));
  make(models, browser_request(key(1), "", "Firefox"));
  EXPECT_EQ(models.size(), 2u);
  auto other_order = browser_request(key(2), "");
  std::swap(other_order.headers[2], other_order.headers[3]);
  make(models, other_order);
  make(models, {});
  EXPECT_EQ(models.size(), 4u);
  for (int i = 3; i < 6; ++i) EXPECT_LE(make(models, browser_request(key(i), "id")).bytes(), 90u);
  EXPECT_EQ(models.size(), 4u);
}

TEST(RequestModels, learn_which_values_are_a_clients_own) {
  RequestModels models;
  auto const request = [&](int i) {
    auto parts = browser_request(key(i), "session=" + std::string(200, static_cast<char>('a' + i)));
    parts.headers.emplace_back("x-request-id", key(i) + key(i));
    return parts;
  };
  EXPECT_LE(make(models, request(0)).bytes(), 90u);  // its model is its own still
  auto const own = 24u + 5 + 11 + (2 + 208) + (1 + 24) + (1 + 48) + 2 + 11;
  for (int i = 1; i < 9; ++i) EXPECT_EQ(make(models, request(i)).bytes(), own) << i;
  EXPECT_EQ(make(models, request(8)).bytes(), own);  // not even an equal value is shared now
}

TEST(RequestModels, never_share_long_values) {
  RequestModels models;
  auto const parts = browser_request(key(0), std::string(5000, 'c'));
  for (int i = 0; i < 2; ++i) {
    auto const request = make(models, parts);
    EXPECT_GT(request.bytes(), 5000u);
    EXPECT_LT(request.bytes(), 5100u);
  }
}

TEST(RequestModels, leave_a_request_alone_that_would_need_too_much) {
  RequestModels models({.models_max = 4, .model_bytes_max = 400, .value_bytes_max = 256});
  auto const parts = browser_request(key(0), "");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(make(models, parts).bytes(), bytes_alone(parts));
  EXPECT_EQ(models.size(), 0u);
  RequestModels none({.models_max = 0});
  EXPECT_EQ(make(none, parts).bytes(), bytes_alone(parts));
}

TEST(RequestModels, forget_the_kind_that_was_not_seen_for_longest) {
  RequestModels models({.models_max = 2});
  auto const of_kind = [](std::string name) { return browser_request(key(1), "", std::move(name)); };
  auto const first = make(models, of_kind("first"));
  auto const second = make(models, of_kind("second"));
  make(models, of_kind("first"));
  make(models, of_kind("third"));  // instead of the second
  EXPECT_EQ(models.size(), 2u);
  EXPECT_TRUE(same_model(make(models, of_kind("first")), first));
  EXPECT_FALSE(same_model(make(models, of_kind("second")), second));
  EXPECT_EQ(models.size(), 2u);
}

TEST(RequestModels, are_outlived_by_what_they_made) {
  std::vector<Request> requests;
  std::vector<Request::Parts> parts;
  {
    RequestModels models({.models_max = 1});
    for (int i = 0; i < 6; ++i) {
      parts.push_back(browser_request(key(i), "", i % 2 == 0 ? "even" : "odd"));
      requests.push_back(models.make(parts.back()));
    }
  }
  for (std::size_t i = 0; i < parts.size(); ++i) expect_parts(requests[i], parts[i]);
}

TEST(RequestModels, recover_from_a_client_that_left_little_in_common) {
  RequestModels models({.requests_max = 5});
  make(models, browser_request(key(0), ""));
  auto stranger = browser_request(key(1), "");
  for (auto& [name, value] : stranger.headers)
    if (name != "user-agent") value = "?";
  make(models, stranger);
  for (int i = 2; i < 5; ++i) EXPECT_GT(make(models, browser_request(key(i), "id")).bytes(), 200u);
  for (int i = 5; i < 9; ++i) EXPECT_LE(make(models, browser_request(key(i), "id")).bytes(), 90u);
}

TEST(RequestModels, recover_at_once_when_nearly_nothing_is_left) {
  RequestModels models;
  auto const request = [](char letter) {
    auto parts = browser_request(std::string(24, letter), "");
    for (auto& [name, value] : parts.headers) value += std::string(60, letter);
    return parts;
  };
  for (char const letter : {'a', 'b', 'c'}) make(models, request(letter));
  auto const last = make(models, request('c'));
  EXPECT_LE(last.bytes(), 90u);
}

/// What a session kept of its request before there were models: 72 bytes with a control block, and a text.
std::size_t bytes_of_old(Request::Parts const& parts) {
  std::size_t bytes = 72 + parts.url.size() + parts.address.size();
  for (auto const* list : {&parts.headers, &parts.query})
    for (auto const& [name, value] : *list) bytes += 8 + name.size() + value.size();
  return bytes;
}

/// A client that knows the others' headers and knocks before each of them, so that as little as possible is shared and
/// each keeps a model that nobody else does.
TEST(RequestModels, cost_the_others_no_more_than_they_cost_alone_whatever_a_client_sends) {
  for (std::size_t changed = 0; changed < 13; ++changed)
    for (std::size_t const padding : {0u, 1u, 20u, 60u, 100u, 200u, 256u, 300u, 4000u}) {
      RequestModels models;
      std::vector<Request> kept;
      for (int i = 0; i < 6; ++i) {
        auto hostile = browser_request(key(2 * i), "");
        hostile.headers[changed].second = std::string(padding, static_cast<char>('a' + i));
        hostile.headers[(changed + 5) % 13].second += std::string(padding, static_cast<char>('A' + i));
        models.make(hostile);

        auto const victim = browser_request(key(2 * i + 1), "id=1");
        kept.push_back(make(models, victim));
        auto const& request = kept.back();
        EXPECT_LE(request.bytes() + request.model().bytes(), bytes_of_old(victim)) << changed << ' ' << padding;
      }
    }
}

}  // namespace
}  // namespace chorus::socket
