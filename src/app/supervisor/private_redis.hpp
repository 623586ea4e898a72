// PrivateRedis: the redis-server that the processes of one instance share when none was configured.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "app/supervisor/back_off.hpp"
#include "app/supervisor/processes.hpp"
#include "server/descriptor.hpp"

namespace chorus::app {

/// On a Unix socket in a folder of ours, without port and persistence, its memory bounded. Started again when it
/// crashes. Thread: one at a time. Lifetime: its end is asked for with stop() and awaited by its owner; when the owner
/// dies, it is told to end by the kernel.
class PrivateRedis {
 public:
  static constexpr std::size_t memory_max_mb = 256;
  /// Until it answers; later, it is killed and started again.
  static constexpr Duration answer_limit = std::chrono::seconds(10);
  static constexpr Duration probe_interval = std::chrono::milliseconds(10);
  /// For its end; later, it is killed.
  static constexpr Duration end_limit = std::chrono::seconds(5);

  /// Throws std::runtime_error with a sentence when no redis-server is installed.
  explicit PrivateRedis(std::string const& folder);
  ~PrivateRedis();
  PrivateRedis(PrivateRedis const&) = delete;
  PrivateRedis& operator=(PrivateRedis const&) = delete;

  void start(TimePoint now);
  void tick(TimePoint now);
  std::optional<TimePoint> next_deadline() const { return deadline_; }
  /// False: it is another process.
  bool on_ended(Ended const& ended, TimePoint now);
  void stop(TimePoint now);

  /// It has answered once.
  bool was_ready() const { return was_ready_; }
  /// It ended before it ever answered: something is wrong that a restart will not mend.
  bool cannot_start() const { return cannot_start_; }
  bool ended() const { return !pid_; }
  std::string url() const { return "unix://" + socket_path_; }

 private:
  enum class State { waiting, starting, ready, stopping };

  void probe(TimePoint now);

  std::string const program_;
  std::string const folder_;
  std::string const socket_path_;
  BackOff back_off_;
  State state_ = State::waiting;
  std::optional<Pid> pid_;
  TimePoint started_{};
  std::optional<TimePoint> deadline_;  // of what the state waits for; while starting, the next probe
  server::FileDescriptor probe_;       // a PING is on its way
  bool was_ready_ = false;
  bool cannot_start_ = false;
};

}  // namespace chorus::app
