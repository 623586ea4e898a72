// How a micro benchmark is written here: what is prepared once, and what is repeated.
#pragma once
#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace chorus::bench {

/// The names of the counters that the table (table.hpp) knows.
inline constexpr char const* bytes_counter = "bytes";  ///< that one repetition works on
inline constexpr char const* copy_counter = "copy";    ///< nanoseconds that copying as many took, right after it

/// What copying `bytes` bytes from one place to another costs now, both in the nearest cache that holds them.
double copy_nanoseconds(std::size_t bytes);

/// Keeps what was computed from being optimised away.
template <class T>
void keep(T&& value) {
  benchmark::DoNotOptimize(value);
}

/// `make()` prepares, once and only when the benchmark is chosen, and returns what is repeated: a callable without
/// arguments. `repetitions`: how often it does at each call what the figure is about.
template <class Make>
void measure(std::string const& name, Make make, std::size_t repetitions = 1) {
  using Work = decltype(make());
  auto const made = std::make_shared<std::optional<Work>>();
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) mutable {
    if (!*made) made->emplace(make());
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(repetitions))) (**made)();
  });
}

/// The same for what passes over bytes: held against a copy of as many.
template <class Make>
void measure_bytes(std::string const& name, std::size_t bytes, Make make) {
  using Work = decltype(make());
  auto const made = std::make_shared<std::optional<Work>>();
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) mutable {
    if (!*made) made->emplace(make());
    while (state.KeepRunning()) (**made)();
    state.counters[bytes_counter] = static_cast<double>(bytes);
    state.counters[copy_counter] = copy_nanoseconds(bytes);
  });
}

// The areas: each adds its benchmarks.
void add_http();
void add_websocket();
void add_engine();
void add_packets();
void add_json();
void add_redis();
void add_rooms();
void add_worker_parts();

}  // namespace chorus::bench
