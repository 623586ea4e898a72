// chorus_floor: answers the benchmark's events with as little work as there can be. Settings come from the environment,
// as the bench server's do: PORT, WORKERS (0: one per core).
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "floor/loop.hpp"

namespace {

unsigned setting(char const* name, unsigned fallback) {
  char const* const value = std::getenv(name);
  return value != nullptr ? static_cast<unsigned>(std::strtoul(value, nullptr, 10)) : fallback;
}

}  // namespace

int main() {
  using bench_floor::Loop;
  try {
    auto const port = static_cast<std::uint16_t>(setting("PORT", 3000));
    std::size_t const asked = setting("WORKERS", 0);
    std::size_t const threads =
        std::clamp<std::size_t>(asked > 0 ? asked : std::thread::hardware_concurrency(), 1, bench_floor::threads_max);
    bench_floor::Groups groups(threads);
    std::vector<std::unique_ptr<Loop>> loops;
    std::vector<Loop*> all;
    for (std::size_t i = 0; i < threads; ++i)
      all.push_back(loops.emplace_back(std::make_unique<Loop>(port, i, groups)).get());
    for (Loop* const loop : all) loop->set_loops(all);
    for (std::size_t i = 1; i < threads; ++i) std::thread([loop = all[i]] { loop->run(); }).detach();
    std::printf("READY %u\n", static_cast<unsigned>(port));
    std::fflush(stdout);
    all.front()->run();
  } catch (std::exception const& error) {
    std::fprintf(stderr, "chorus_floor: %s\n", error.what());
    return 2;
  }
}
