// How much CPU a server has used: a process with its threads, or with all processes that descend from it.
#pragma once
#include <sys/types.h>

#include <cstdint>

namespace load {

/// Reads /proc/PID/stat. Its figures count in clock ticks, mostly 10 ms: measure for seconds.
class CpuMeter {
 public:
  enum class Scope { process, process_tree };
  CpuMeter(pid_t id, Scope scope) : id_(id), scope_(scope) {}

  /// User and system time in µs. Throws std::runtime_error when the process is gone.
  std::uint64_t micros() const;
  /// Resident memory in bytes.
  std::uint64_t resident_bytes() const;

 private:
  struct Usage {
    std::uint64_t ticks = 0;
    std::uint64_t pages = 0;
  };
  Usage usage() const;

  pid_t id_;
  Scope scope_;
};

/// User and system time in µs of everybody on this machine, and what other machines took from it (steal).
std::uint64_t machine_micros();

}  // namespace load
