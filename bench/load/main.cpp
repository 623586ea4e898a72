// chorus-load: a load of Socket.IO clients, in a closed or an open loop, and what it cost the server.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "load/answer_times.hpp"
#include "load/cpu_meter.hpp"
#include "load/fleet.hpp"
#include "load/options.hpp"
#include "load/polling_client.hpp"
#include "load/report.hpp"
#include "load/websocket_client.hpp"
#include "load/workload.hpp"

namespace load {
namespace {

constexpr std::chrono::milliseconds tick{20};  // how late a phase may end
constexpr std::chrono::seconds drain_max{5};
constexpr std::chrono::seconds leaving_time{2};  // until the server's memory is looked at, clients having left

std::optional<CpuMeter> meter_for(Options const& options) {
  if (options.server_tree) return CpuMeter(*options.server_tree, CpuMeter::Scope::process_tree);
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

struct Meters {
  std::optional<CpuMeter> server;
  std::optional<CpuMeter> apart;
};

Meters meters_for(Options const& options) {
  Meters meters{meter_for(options), std::nullopt};
  if (options.apart_process) meters.apart.emplace(*options.apart_process, CpuMeter::Scope::process);
  return meters;
}

double micros(std::optional<CpuMeter> const& meter) { return meter ? static_cast<double>(meter->micros()) : 0; }

double resident_bytes(std::optional<CpuMeter> const& meter) {
  return meter ? static_cast<double>(meter->resident_bytes()) : 0;
}

/// One reading of all clocks.
struct Moment {
  Moment(Meters const& meters, Workload const& workload)
      : time(Clock::now()),
        server_us(micros(meters.server)),
        apart_us(micros(meters.apart)),
        machine_us(static_cast<double>(machine_micros())),
        own_us(own_cpu_seconds() * 1e6),
        delivered(workload.delivered()) {}

  Clock::time_point time;
  double server_us;
  double apart_us;
  double machine_us;
  double own_us;
  std::uint64_t delivered;
};

volatile std::sig_atomic_t asked_to_end = 0;

/// Before there is a load, a signal simply ends the process.
void end_early_when_asked() {
  for (int const signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { asked_to_end = 1; });
}

void run_for(std::chrono::milliseconds time, Fleet& fleet, Workload& workload) {
  for (auto const end = Clock::now() + time; Clock::now() < end && asked_to_end == 0;) {
    auto const until_due = workload.send_due();
    fleet.run_once(std::min<std::chrono::nanoseconds>(tick, until_due), workload);
  }
}

/// Until all that was sent has arrived, or no more is to be hoped for.
void drain(Fleet& fleet, Workload& workload) {
  workload.stop_sending();
  for (auto const last = Clock::now() + drain_max; !workload.idle() && Clock::now() < last;)
    fleet.run_once(tick, workload);
  for (auto const last = Clock::now() + 10 * tick; Clock::now() < last;)  // for what comes twice
    fleet.run_once(tick, workload);
}

void compare(Moment const& begin, Moment const& end, Report& report) {
  report.seconds = std::chrono::duration<double>(end.time - begin.time).count();
  report.delivered = end.delivered - begin.delivered;
  double const server = end.server_us - begin.server_us;
  double const apart = end.apart_us - begin.apart_us;
  double const own = end.own_us - begin.own_us;
  double const window = report.seconds * 1e6;
  report.server_busy = server / window;
  report.generator_busy = own / window;
  report.foreign_busy = std::max(0.0, end.machine_us - begin.machine_us - server - apart - own) / window;
  if (report.delivered == 0) return;
  report.cpu_us_per_message = server / static_cast<double>(report.delivered);
  report.apart_us_per_message = apart / static_cast<double>(report.delivered);
}

std::vector<std::unique_ptr<Client>> make_clients(Options const& options) {
  std::vector<std::unique_ptr<Client>> clients(options.connections);
  for (auto& client : clients) {
    if (options.transport == Transport::polling)
      client = std::make_unique<PollingClient>();
    else
      client = std::make_unique<WebSocketClient>();
  }
  return clients;
}

Report run(Options const& options) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // ns: what is due is to be sent then, not with the next timer of the machine
  auto const meters = meters_for(options);
  Target const target = target_of(options);
  Fleet fleet(target, make_clients(options), [&options](std::size_t i) { return query_of(options, i); });
  Workload workload(options, fleet);
  Report report;

  Moment const before(meters, workload);
  double const bytes_before = resident_bytes(meters.server);
  fleet.connect_all(workload);
  Moment connected(meters, workload);
  auto const connections = static_cast<double>(options.connections);
  report.cpu_us_per_connect = (connected.server_us - before.server_us) / connections;
  report.bytes_per_connection = (resident_bytes(meters.server) - bytes_before) / connections;
  if (options.kind == Kind::connect) {
    connected.delivered = options.connections;  // what this load counts
    compare(before, connected, report);
    fleet.disconnect_all();
    std::this_thread::sleep_for(leaving_time);
    if (bytes_before > 0) report.memory_left = resident_bytes(meters.server) / bytes_before - 1;
    return report;
  }

  workload.prepare();
  end_early_when_asked();
  if (options.announce) std::fputs("under way\n", stderr);
  workload.start();
  run_for(options.warm_up, fleet, workload);
  if (options.answer_times) take_answer_times(target);  // those of before
  workload.begin_counting();
  Moment const begin(meters, workload);
  run_for(options.duration, fleet, workload);
  Moment const end(meters, workload);
  workload.end_counting();
  compare(begin, end, report);

  drain(fleet, workload);
  if (options.answer_times) report.in_server = take_answer_times(target);
  report.sent = workload.sent();
  report.faults = workload.faults();
  report.latency = quantiles_of(workload.latencies());
  report.late = quantiles_of(workload.delays());
  return report;
}

}  // namespace
}  // namespace load

int main(int count, char** words) {
  if (count == 2 && std::string_view(words[1]) == "--help") {
    std::fputs(load::usage(), stdout);
    return 0;
  }
  try {
    auto const options = load::parse_options(count, words);
    auto const report = load::run(options);
    std::puts((options.json ? to_json(options, report) : to_text(options, report)).c_str());
    return report.faults.sum() == 0 ? 0 : 1;
  } catch (std::invalid_argument const& error) {
    std::fprintf(stderr, "chorus-load: %s\n%s", error.what(), load::usage());
    return 2;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "chorus-load: %s\n", error.what());
    return 2;
  }
}
