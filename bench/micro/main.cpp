// chorus_micro: the hot pieces of Chorus one by one, and a table of what each costs.
//
//   chorus_micro [--benchmark_filter=REGEX] [--benchmark_min_time=SECONDS] ...     the options of Google Benchmark
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "micro/measure.hpp"

namespace chorus::bench {

double copy_nanoseconds(std::size_t bytes) {
  using Clock = std::chrono::steady_clock;
  constexpr int attempts = 5;
  constexpr std::size_t bytes_an_attempt = 1 << 22;
  std::vector<char> const from(bytes, 'x');
  std::vector<char> to(bytes);
  std::size_t const copies = bytes_an_attempt / bytes + 1;
  double best = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto const begin = Clock::now();
    for (std::size_t i = 0; i < copies; ++i) {
      std::memcpy(to.data(), from.data(), bytes);
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
    }
    std::chrono::duration<double, std::nano> const time = Clock::now() - begin;
    best = std::min(best, time.count() / static_cast<double>(copies));
  }
  return best;
}

namespace {

/// A row for each benchmark: CPU time for one, bytes a second, and how many copies of the same bytes that is.
class Table final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(Context const&) override {
    std::puts("| | ns | MB/s | copies |\n| --- | ---: | ---: | ---: |");
    return true;
  }
  void ReportRuns(std::vector<Run> const& runs) override {
    for (Run const& run : runs) {
      double const time = run.GetAdjustedCPUTime();
      std::printf("| %s | %.*f |", run.benchmark_name().c_str(), time < 100 ? 1 : 0, time);
      auto const bytes = run.counters.find(bytes_counter), copy = run.counters.find(copy_counter);
      if (bytes != run.counters.end() && copy != run.counters.end())
        std::printf(" %.0f | %.1f |\n", bytes->second.value / time * 1e3, time / copy->second.value);
      else
        std::puts(" | |");
    }
    std::fflush(stdout);
  }
};

}  // namespace
}  // namespace chorus::bench

int main(int count, char** words) {
  using namespace chorus::bench;
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  for (auto* const add :
       {add_http, add_websocket, add_engine, add_packets, add_json, add_redis, add_worker_parts, add_rooms})
    add();
  Table table;
  bool const any = benchmark::RunSpecifiedBenchmarks(&table) > 0;
  benchmark::ClearRegisteredBenchmarks();  // what they have made ends here, and not after the thread's own variables
  return any ? 0 : 1;                      // none: the filter names nothing
}
