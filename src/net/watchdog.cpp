#include "net/watchdog.hpp"

#include <utility>

namespace chorus::net {

SlowHandlers::SlowHandlers(std::vector<Running const*> workers, Duration slow, Tell tell)
    : slow_(slow), tell_(std::move(tell)) {
  for (auto const* const running : workers) workers_.push_back({running, {}, {}, false});
}

void SlowHandlers::look(TimePoint now) {
  for (auto& worker : workers_) {
    auto const seen = worker.running->look();
    if (seen.what == nullptr || seen.count != worker.seen.count) {
      if (worker.told) tell(worker, now, true);
      worker.seen = seen;
      worker.since = now;
      worker.told = false;
    } else if (!worker.told && now - worker.since >= slow_) {
      worker.told = true;
      tell(worker, now, false);
    }
  }
}

void SlowHandlers::tell(Worker const& worker, TimePoint now, bool ended) const {
  SlowHandler slow;
  slow.worker = static_cast<unsigned>(&worker - workers_.data());
  slow.what = worker.seen.what;
  if (worker.seen.name != nullptr) slow.name = *worker.seen.name;
  slow.time = now - worker.since;
  slow.ended = ended;
  tell_(slow);
}

Watchdog::Watchdog(std::vector<Running const*> workers, Duration slow, SlowHandlers::Tell tell)
    : pause_(slow / 2), handlers_(std::move(workers), slow, std::move(tell)) {
  if (slow > Duration::zero()) thread_ = std::thread([this] { watch(); });
}

Watchdog::~Watchdog() {
  {
    std::lock_guard const lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, pause_, [this] { return stopped_; })) handlers_.look(SteadyClock::now());
}

}  // namespace chorus::net
