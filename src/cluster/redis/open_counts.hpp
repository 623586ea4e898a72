// OpenCounts: questions for the number of servers, on their way through Redis. Each is answered once, and in time.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "chorus/server_side.hpp"
#include "cluster/redis/resp_value.hpp"

namespace chorus::cluster::redis {

struct OpenCountsLimits {
  std::chrono::milliseconds time_max{5'000};  ///< as the requestsTimeout of Node's adapter; looked at on ticks
  std::size_t open_max = 10'000;
};

/// Pure; time is what now() was told last. Thread: the post office's. OnCount may ask again from within.
class OpenCounts {
 public:
  using OnCount = std::function<void(ServerCount const&)>;

  explicit OpenCounts(OpenCountsLimits limits = {}) : limits_(limits) {}

  /// Its name; none: too many are open, and `on_count` was told so.
  std::optional<std::uint64_t> begin(OnCount on_count);
  /// What came of it; one that is over already is not answered again.
  void finish(std::uint64_t id, ServerCount const& count);
  /// Those that are open for too long are told that it is late.
  void on_tick(TimePoint now);
  /// All that are open are told `error`.
  void fail_all(std::string_view error);

 private:
  struct Open {
    OnCount on_count;
    TimePoint deadline;
  };
  OpenCountsLimits const limits_;
  std::map<std::uint64_t, Open> open_;  // the oldest first, so the first to be late first
  std::uint64_t last_ = 0;
  TimePoint now_{};
};

/// What an answer to `PUBSUB NUMSUB channel` says: the channel and how many subscribed to it.
ServerCount count_of(RespValue const& reply);

}  // namespace chorus::cluster::redis
