#include "server/routes.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace chorus::server {
namespace {

/// Routes whose handlers answer with the route's name.
class RoutesTest : public ::testing::Test {
 protected:
  void add(std::string const& method, std::string const& pattern) {
    routes.add(method, pattern, make_http_handler([name = method + ' ' + pattern](HttpRequest const&) {
                 return HttpReply{200, {}, name};
               }));
  }
  /// The name and captures, "405 <methods>", or "-".
  std::string asked(Bytes method, Bytes path) const {
    auto const found = routes.find(method, path);
    if (auto const* other = std::get_if<Routes::OtherMethods>(&found)) return "405 " + other->allow;
    auto const* match = std::get_if<Routes::Match>(&found);
    if (match == nullptr) return "-";
    std::string answer;
    (*match->handler)({}, HttpResponder([&](HttpReply reply) { answer = std::move(reply.body); }));
    for (auto const& [name, value] : match->captures) answer += ' ' + name + '=' + value;
    return answer;
  }
  Routes routes;
};

TEST_F(RoutesTest, are_found_by_method_and_exact_path) {
  add("GET", "/");
  add("GET", "/healthz");
  add("POST", "/healthz");
  EXPECT_EQ(asked("GET", "/"), "GET /");
  EXPECT_EQ(asked("GET", "/healthz"), "GET /healthz");
  EXPECT_EQ(asked("HEAD", "/healthz"), "GET /healthz");
  EXPECT_EQ(asked("POST", "/healthz"), "POST /healthz");
  for (auto const* path : {"/healthz/", "/health", "/healthzz", "healthz", "*", "", "//"})
    EXPECT_EQ(asked("GET", path), "-") << path;
}

TEST_F(RoutesTest, of_another_method_are_told_with_the_methods_there_are) {
  add("GET", "/a");
  add("PUT", "/a");
  EXPECT_EQ(asked("DELETE", "/a"), "405 GET, HEAD, PUT");
  EXPECT_EQ(asked("DELETE", "/b"), "-");
  add("*", "/a");
  EXPECT_EQ(asked("DELETE", "/a"), "* /a");
  EXPECT_EQ(asked("PUT", "/a"), "PUT /a");
}

TEST_F(RoutesTest, have_names_for_parts_of_the_path_and_a_star_for_its_rest) {
  add("GET", "/users/:id");
  add("GET", "/users/:id/rooms/:room");
  add("GET", "/files/*");
  EXPECT_EQ(asked("GET", "/users/42"), "GET /users/:id id=42");
  EXPECT_EQ(asked("GET", "/users/a%2Fb%20c"), "GET /users/:id id=a/b c");
  EXPECT_EQ(asked("GET", "/users/42/rooms/x"), "GET /users/:id/rooms/:room id=42 room=x");
  EXPECT_EQ(asked("GET", "/files/a/b.txt"), "GET /files/* *=a/b.txt");
  EXPECT_EQ(asked("GET", "/files/"), "GET /files/* *=");
  for (auto const* path : {"/users/", "/users", "/users/1/2", "/users/%zz", "/files", "/users/1/rooms/"})
    EXPECT_EQ(asked("GET", path), "-") << path;
}

TEST_F(RoutesTest, are_taken_by_the_most_exact_pattern_whatever_came_first) {
  add("GET", "/*");
  add("GET", "/:any");
  add("GET", "/a");
  add("GET", "/a/*");
  EXPECT_EQ(asked("GET", "/a"), "GET /a");
  EXPECT_EQ(asked("GET", "/b"), "GET /:any any=b");
  EXPECT_EQ(asked("GET", "/a/b"), "GET /a/* *=b");
  EXPECT_EQ(asked("GET", "/b/c"), "GET /* *=b/c");
}

TEST_F(RoutesTest, are_replaced_by_the_same_one_and_refused_when_they_are_none) {
  add("GET", "/a");
  routes.add("GET", "/a", make_http_handler([](HttpRequest const&) { return HttpReply{200, {}, "second"}; }));
  EXPECT_EQ(asked("GET", "/a"), "second");
  EXPECT_THROW(add("GET", "a"), std::runtime_error);
  EXPECT_THROW(add("GET", ""), std::runtime_error);
}

}  // namespace
}  // namespace chorus::server
