// What a run has shown, for people and for scripts.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "load/histogram.hpp"
#include "load/options.hpp"
#include "load/workload.hpp"

namespace load {

struct Report {
  std::uint64_t delivered = 0;  ///< in the measuring window
  double seconds = 0;           ///< of the measuring window
  std::uint64_t sent = 0;       ///< in all
  Faults faults;
  Quantiles latency;
  Quantiles late;                      ///< open loop: how late the generator itself sent; contained in the latency
  std::optional<Quantiles> in_server;  ///< what it has measured itself, where it was asked
  double generator_busy = 0;           ///< share of one core

  // Of the server; 0 when it was not told which process that is.
  double cpu_us_per_message = 0;
  double apart_us_per_message = 0;  ///< of what is counted apart
  double cpu_us_per_connect = 0;
  double bytes_per_connection = 0;  ///< resident memory, all connected and idle, before the load
  double memory_left = 0;           ///< when the clients of `connect` have left: more than at first, as a share of that
  double server_busy = 0;           ///< cores
  double foreign_busy = 0;          ///< cores that others had: the run was disturbed
};

/// One line.
std::string to_text(Options const& options, Report const& report);
std::string to_json(Options const& options, Report const& report);

}  // namespace load
