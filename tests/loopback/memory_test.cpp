// What a crowd leaves behind: nothing.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "chorus/server.hpp"
#include "support/raw_client.hpp"
#include "support/resident_memory.hpp"

namespace chorus {
namespace {

using namespace testing;

/// Not under sanitizers, whose heaps never give back.
TEST(Memory, comes_back_when_a_crowd_has_left) {
  ServerOptions options;
  options.port = 0;
  options.workers = 1;
  options.trim_sessions_min = 500;
  Server io(options);
  io.start();
  constexpr std::size_t crowd_size = 2'000;
  {
    WebSocketClient first(io.port());
    first.connect();
  }
  auto const before = resident_kilobytes();
  std::size_t in_between = 0;
  {
    std::vector<WebSocketClient> crowd;
    for (std::size_t i = 0; i < crowd_size; ++i) crowd.emplace_back(io.port()).connect();
    in_between = resident_kilobytes();
  }
  EXPECT_GT(in_between, before + crowd_size / 2) << "there was nothing to give back";
  auto const deadline = std::chrono::steady_clock::now() + patience;
  std::size_t after = in_between;
  while (after > before + (in_between - before) / 4 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    after = resident_kilobytes();
  }
  EXPECT_LE(after, before + (in_between - before) / 4) << before << ' ' << in_between;
}

}  // namespace
}  // namespace chorus
