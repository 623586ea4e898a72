// Watchdog: names the handler that holds a worker for too long, while it does.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/running.hpp"
#include "base/time.hpp"

namespace chorus::net {

struct SlowHandler {
  unsigned worker = 0;
  char const* what = "";  ///< a literal: "event", "middleware", …
  std::string name;       ///< of the event, or of the namespace
  Duration time{};        ///< so far, about
  bool ended = false;     ///< false: it is running still; it is told of once more when it has ended
};

/// The looks themselves. Thread: one.
class SlowHandlers {
 public:
  using Tell = std::function<void(SlowHandler const&)>;
  SlowHandlers(std::vector<Running const*> workers, Duration slow, Tell tell);

  /// Tells of what has been running in all looks of the last `slow`.
  void look(TimePoint now);

 private:
  struct Worker {
    Running const* running;
    Running::Seen seen;
    TimePoint since{};
    bool told = false;
  };
  void tell(Worker const& worker, TimePoint now, bool ended) const;

  std::vector<Worker> workers_;
  Duration const slow_;
  Tell const tell_;
};

/// Looks twice in each `slow`, on a thread of its own, on which `tell` is called. Lifetime: the workers' Running
/// outlive it. Cost: that thread's waking; nothing where `slow` is zero, for then there is none.
class Watchdog {
 public:
  Watchdog(std::vector<Running const*> workers, Duration slow, SlowHandlers::Tell tell);
  ~Watchdog();
  Watchdog(Watchdog const&) = delete;
  Watchdog& operator=(Watchdog const&) = delete;

 private:
  void watch();

  Duration const pause_;
  SlowHandlers handlers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace chorus::net
