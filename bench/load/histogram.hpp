// Latencies, in buckets that are at most 3 % wide.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace load {

/// Values in ns. Constant memory, whatever is counted.
class Histogram {
 public:
  void add(std::uint64_t ns) {
    ++buckets_[bucket_of(ns)];
    ++count_;
    max_ = std::max(max_, ns);
  }
  std::uint64_t count() const { return count_; }
  /// The greatest, exactly; 0 when there are none.
  std::uint64_t max() const { return max_; }
  /// The value below which `share` (0..1) of all lie, by its bucket's upper edge; 0 when there are none.
  std::uint64_t quantile(double share) const;

 private:
  static constexpr unsigned sub_bits = 5;  // 32 buckets for each power of two
  static unsigned bucket_of(std::uint64_t ns);
  static std::uint64_t upper_edge(unsigned bucket);

  std::array<std::uint64_t, 64u << sub_bits> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

/// What is told of it.
struct Quantiles {
  std::uint64_t count = 0;
  double p50_us = 0, p90_us = 0, p99_us = 0, p999_us = 0, max_us = 0;
};
Quantiles quantiles_of(Histogram const& histogram);
/// As a JSON object with these names.
std::string to_json(Quantiles const& quantiles);

}  // namespace load
