// An instrumented server and people who look at it, with the clock by hand (chorus/testing.hpp).
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chorus/admin.hpp"
#include "chorus/server.hpp"
#include "chorus/testing.hpp"

namespace chorus::admin {

// Of "changeit", with the least cost.
inline constexpr char const* changeit = "$2b$04$abcdefghijklmnopqrstuudwGrhhx5JklpO9.j/ckWDCf3exvs1/2";

/// With as many workers as the parameter says.
class Instrumented : public ::testing::TestWithParam<unsigned> {
 protected:
  void start(AdminOptions options) {
    instrument(io, std::move(options));
    harness.emplace(io);
  }
  void start() { start({.auth = NoAuth{}}); }
  FakeClient look(std::string auth = {}) { return harness->connect({.nsp = "/admin", .auth = std::move(auth)}); }
  FakeClient on_worker(unsigned worker, std::string nsp = "/") {
    return harness->connect({.nsp = std::move(nsp), .worker = worker % io.workers()});
  }

  Server io{ServerOptions{.workers = GetParam()}};
  std::optional<Harness> harness;
};

/// The events of these names, in order, with their first arguments: "room_joined /,a".
inline std::vector<std::string> story(FakeClient const& admin, std::vector<std::string> const& events) {
  std::vector<std::string> told;
  for (auto const& heard : admin.heard()) {
    if (std::find(events.begin(), events.end(), heard.event) == events.end()) continue;
    auto const first = heard.args.view()[0];
    told.push_back(heard.event + ' ' + first.as<std::string>().value_or(first["id"].as<std::string>().value_or("?")));
    if (auto const second = heard.as<std::string>(1); second && first.kind() == ArgKind::string)
      told.back() += ',' + *second;
  }
  return told;
}

}  // namespace chorus::admin
