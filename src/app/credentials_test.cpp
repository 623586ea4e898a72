#include "app/credentials.hpp"

#include <gtest/gtest.h>

#include <map>

namespace chorus::app {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Handshake handshake(std::string auth, Pairs query = {}, Pairs headers = {}) {
  Handshake::Request::Parts parts;
  parts.query = std::move(query);
  parts.headers = std::move(headers);
  return Handshake(Handshake::Request(parts), std::move(auth));
}

void expect(Credentials const& credentials, std::string_view token, std::string_view id) {
  EXPECT_EQ(credentials.token, token);
  EXPECT_EQ(credentials.id, id);
}

TEST(Credentials, come_from_the_auth_payload_before_the_query_before_the_headers) {
  Pairs const query{{"token", "q"}, {"id", "qi"}};
  Pairs const headers{{"token", "h"}, {"id", "hi"}};
  expect(credentials_of(handshake(R"({"token":"a","id":"ai"})", query, headers)), "a", "ai");
  expect(credentials_of(handshake("", query, headers)), "q", "qi");
  expect(credentials_of(handshake("{}", {}, headers)), "h", "hi");
  expect(credentials_of(handshake(R"({"token":""})", query, headers)), "q", "qi");
  expect(credentials_of(handshake("")), "", "");
}

TEST(Credentials, are_looked_for_one_by_one) {
  expect(credentials_of(handshake(R"({"token":"a"})", {{"id", "qi"}})), "a", "qi");
}

TEST(Credentials, may_have_a_number_for_an_id_and_nothing_stranger) {
  expect(credentials_of(handshake(R"({"token":"a","id":42})")), "a", "42");
  expect(credentials_of(handshake(R"({"token":["a"],"id":{"$ne":""}})")), "", "");
  expect(credentials_of(handshake(R"(["token"])")), "", "");
}

TEST(Credentials, may_have_a_bearer_token) {
  expect(credentials_of(handshake("", {}, {{"authorization", "bearer abc"}, {"id", "ada"}})), "abc", "ada");
  expect(credentials_of(handshake("", {}, {{"authorization", "Basic abc"}})), "", "");
  expect(credentials_of(handshake("", {}, {{"authorization", "Bear"}})), "", "");
}

HttpRequest request(std::map<std::string, std::string, std::less<>> const& headers,
                    std::map<std::string, std::string, std::less<>> const& query) {
  HttpRequest r;
  r.header = [&headers](std::string_view name) {
    auto const found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  };
  r.parameter = [&query](std::string_view name) {
    auto const found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  return r;
}

TEST(Credentials, of_a_request_come_from_its_headers_or_its_query) {
  expect(credentials_of(request({{"authorization", "Bearer t"}, {"id", "ada"}}, {})), "t", "ada");
  expect(credentials_of(request({{"token", "t"}}, {{"id", "Zoë"}})), "t", "Zoë");
  expect(credentials_of(request({}, {{"token", "t"}, {"id", "ada"}})), "t", "ada");
  expect(credentials_of(request({}, {})), "", "");
}

TEST(DeviceKind, is_a_phone_only_when_it_says_so) {
  EXPECT_EQ(device_kind(handshake(R"({"kind":"phone"})")), "phone");
  EXPECT_EQ(device_kind(handshake(R"({"kind":"toaster"})")), "desktop");
  EXPECT_EQ(device_kind(handshake("")), "desktop");
}

}  // namespace
}  // namespace chorus::app
