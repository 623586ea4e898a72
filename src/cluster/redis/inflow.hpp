// Inflow: how much of what Redis sent the workers have not read yet. Pure accounting; RedisBus acts on it.
#pragma once
#include <cstddef>
#include <optional>
#include <utility>

namespace chorus::cluster::redis {

struct InflowLimits {
  std::size_t bytes_max = 32u << 20;  ///< on the way to the workers; beyond it nothing more is read from Redis
  std::size_t message_cost = 256;     ///< of a message beside its bytes: letters, targets
};

/// Messages are counted as they come. Every so often a mark is due: a letter to each worker behind all that was posted
/// so far. What it stands for counts as read when every worker has read it.
///
/// Thread: none of its own; the post office's.
class Inflow {
 public:
  explicit Inflow(InflowLimits limits = {}) : limits_(limits) {}

  void received(std::size_t bytes) { unmarked_ += bytes + limits_.message_cost; }
  /// What the mark stands for that is due now; read() says it again when the mark was read.
  std::optional<std::size_t> take_mark() {
    if (unmarked_ < limits_.bytes_max / marks_) return std::nullopt;
    marked_ += unmarked_;
    return std::exchange(unmarked_, 0);
  }
  void read(std::size_t bytes) { marked_ -= bytes; }

  /// From beyond the limit down to its half: on and off are some way apart, and what is not marked is less than that.
  bool full() {
    std::size_t const under_way = unmarked_ + marked_;
    full_ = under_way > (full_ ? limits_.bytes_max / 2 : limits_.bytes_max);
    return full_;
  }

 private:
  static constexpr std::size_t marks_ = 16;  // of one limit

  InflowLimits limits_;
  std::size_t unmarked_ = 0;
  std::size_t marked_ = 0;
  bool full_ = false;
};

}  // namespace chorus::cluster::redis
