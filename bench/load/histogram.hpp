// Latencies, in buckets that are at most 3 % wide.
#pragma once
#include <array>
#include <cstdint>

namespace load {

/// Values in ns. Constant memory, whatever is counted.
class Histogram {
 public:
  void add(std::uint64_t ns) {
    ++buckets_[bucket_of(ns)];
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  /// The value below which `share` (0..1) of all lie, by its bucket's upper edge; 0 when there are none.
  std::uint64_t quantile(double share) const;

 private:
  static constexpr unsigned sub_bits = 5;  // 32 buckets for each power of two
  static unsigned bucket_of(std::uint64_t ns);
  static std::uint64_t upper_edge(unsigned bucket);

  std::array<std::uint64_t, 64u << sub_bits> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace load
