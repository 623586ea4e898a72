#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {

unsigned Histogram::bucket_of(std::uint64_t ns) {
  if (ns < (1u << sub_bits)) return static_cast<unsigned>(ns);
  auto const exponent = static_cast<unsigned>(std::bit_width(ns)) - 1 - sub_bits;
  return ((exponent + 1) << sub_bits) + static_cast<unsigned>((ns >> exponent) & ((1u << sub_bits) - 1));
}

std::uint64_t Histogram::upper_edge(unsigned bucket) {
  if (bucket < (1u << sub_bits)) return bucket;
  unsigned const exponent = (bucket >> sub_bits) - 1;
  std::uint64_t const mantissa = (1u << sub_bits) + (bucket & ((1u << sub_bits) - 1));
  return ((mantissa + 1) << exponent) - 1;
}

std::uint64_t Histogram::quantile(double share) const {
  if (count_ == 0) return 0;
  auto const wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (unsigned i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return upper_edge(i);
  }
  return upper_edge(static_cast<unsigned>(buckets_.size()) - 1);
}

}  // namespace load
