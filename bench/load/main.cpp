// chorus_load: a closed-loop load of Socket.IO clients over WebSockets, and what it cost the server.
#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

#include "load/cpu_meter.hpp"
#include "load/fleet.hpp"
#include "load/options.hpp"
#include "load/report.hpp"
#include "load/workload.hpp"

namespace load {
namespace {

constexpr std::chrono::milliseconds tick{20};  // how late a phase may end
constexpr std::chrono::seconds drain_max{5};

std::optional<CpuMeter> meter_for(Options const& options) {
  if (options.server_group) return CpuMeter(*options.server_group, CpuMeter::Scope::process_group);
  if (options.server_process) return CpuMeter(*options.server_process, CpuMeter::Scope::process);
  return std::nullopt;
}

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto const seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// One reading of all clocks.
struct Moment {
  Moment(std::optional<CpuMeter> const& meter, Workload const* workload)
      : time(Clock::now()),
        server_us(meter ? static_cast<double>(meter->micros()) : 0),
        own_seconds(own_cpu_seconds()),
        delivered(workload != nullptr ? workload->delivered() : 0) {}

  Clock::time_point time;
  double server_us;
  double own_seconds;
  std::uint64_t delivered;
};

void run_for(std::chrono::milliseconds time, Fleet& fleet, Workload& workload) {
  for (auto const end = Clock::now() + time; Clock::now() < end;) fleet.run_once(tick, workload);
}

void compare(Moment const& begin, Moment const& end, Report& report) {
  report.seconds = std::chrono::duration<double>(end.time - begin.time).count();
  report.delivered = end.delivered - begin.delivered;
  report.server_busy = (end.server_us - begin.server_us) / 1e6 / report.seconds;
  report.generator_busy = (end.own_seconds - begin.own_seconds) / report.seconds;
  if (report.delivered > 0)
    report.cpu_us_per_message = (end.server_us - begin.server_us) / static_cast<double>(report.delivered);
}

Report run(Options const& options) {
  auto const meter = meter_for(options);
  Fleet fleet(options.host, options.port, options.connections, [&options](std::size_t i) {
    return options.kind == Kind::users ? "&id=user" + std::to_string(i / options.group_size) : std::string();
  });
  Workload workload(options, fleet);
  Report report;

  Moment const before(meter, nullptr);
  double const bytes_before = meter ? static_cast<double>(meter->resident_bytes()) : 0;
  fleet.connect_all(workload);
  auto const connections = static_cast<double>(options.connections);
  report.cpu_us_per_connect = (Moment(meter, nullptr).server_us - before.server_us) / connections;
  report.bytes_per_connection = meter ? (static_cast<double>(meter->resident_bytes()) - bytes_before) / connections : 0;

  workload.prepare();
  workload.start();
  run_for(options.warm_up, fleet, workload);
  workload.count_latencies(true);
  Moment const begin(meter, &workload);
  run_for(options.duration, fleet, workload);
  Moment const end(meter, &workload);
  workload.count_latencies(false);
  compare(begin, end, report);

  workload.stop_sending();
  for (auto const last = Clock::now() + drain_max; !workload.idle() && Clock::now() < last;)
    fleet.run_once(tick, workload);
  run_for(10 * tick, fleet, workload);  // for what comes twice
  report.sent = workload.sent();
  report.faults = workload.faults();
  auto const micros = [&](double share) { return static_cast<double>(workload.latencies().quantile(share)) / 1e3; };
  report.p50_us = micros(0.5);
  report.p90_us = micros(0.9);
  report.p99_us = micros(0.99);
  report.p999_us = micros(0.999);
  return report;
}

}  // namespace
}  // namespace load

int main(int count, char** words) {
  try {
    auto const options = load::parse_options(count, words);
    auto const report = load::run(options);
    std::puts((options.json ? to_json(options, report) : to_text(options, report)).c_str());
    return report.faults.sum() == 0 ? 0 : 1;
  } catch (std::invalid_argument const& error) {
    std::fprintf(stderr, "chorus_load: %s\n%s", error.what(), load::usage());
    return 2;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "chorus_load: %s\n", error.what());
    return 2;
  }
}
