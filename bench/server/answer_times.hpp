// How long the server's answers took (ServerOptions::on_answer), for whoever asks.
#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "load/histogram.hpp"

namespace bench_server {

/// Thread: any.
class AnswerTimes {
 public:
  void add(std::chrono::nanoseconds time) {
    std::lock_guard const lock(mutex_);
    times_.add(static_cast<std::uint64_t>(time.count()));
  }
  /// Those since the last call, as a JSON object.
  std::string take() {
    std::unique_lock lock(mutex_);
    load::Histogram const times = std::exchange(times_, {});
    lock.unlock();
    return load::to_json(load::quantiles_of(times)) + "\n";
  }

 private:
  std::mutex mutex_;
  load::Histogram times_;
};

}  // namespace bench_server
