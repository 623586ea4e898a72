// chorus_floor PORT [threads]: answers the benchmark's messages with as little work as there can be.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "floor/loop.hpp"

int main(int count, char** words) {
  if (count < 2) return std::fputs("chorus_floor PORT [threads]\n", stderr), 2;
  try {
    auto const port = static_cast<std::uint16_t>(std::atoi(words[1]));
    int const threads = count > 2 ? std::max(1, std::atoi(words[2])) : 1;
    std::vector<std::unique_ptr<bench_floor::Loop>> loops;
    for (int i = 0; i < threads; ++i) loops.push_back(std::make_unique<bench_floor::Loop>(port));
    bench_floor::Interest interest;
    for (auto const& loop : loops) {
      if (threads == 1) break;
      std::vector<bench_floor::Loop*> others;
      for (auto const& other : loops)
        if (other != loop) others.push_back(other.get());
      loop->set_others(std::move(others), interest);
    }
    for (std::size_t i = 1; i < loops.size(); ++i) std::thread([&loop = *loops[i]] { loop.run(); }).detach();
    std::printf("READY %u\n", static_cast<unsigned>(port));
    std::fflush(stdout);
    loops.front()->run();
  } catch (std::exception const& error) {
    std::fprintf(stderr, "chorus_floor: %s\n", error.what());
    return 2;
  }
}
