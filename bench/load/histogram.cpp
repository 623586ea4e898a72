#include "load/histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>

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
    if (seen >= wanted) return std::min(upper_edge(i), max_);
  }
  return max_;
}

Quantiles quantiles_of(Histogram const& histogram) {
  auto const us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1e3; };
  auto const quantile_us = [&](double share) { return us(histogram.quantile(share)); };
  return {.count = histogram.count(),
          .p50_us = quantile_us(0.5),
          .p90_us = quantile_us(0.9),
          .p99_us = quantile_us(0.99),
          .p999_us = quantile_us(0.999),
          .max_us = us(histogram.max())};
}

std::string to_json(Quantiles const& q) {
  std::array<char, 256> text;
  std::snprintf(text.data(), text.size(),
                R"({"count":%llu,"p50_us":%.1f,"p90_us":%.1f,"p99_us":%.1f,"p999_us":%.1f,"max_us":%.1f})",
                static_cast<unsigned long long>(q.count), q.p50_us, q.p90_us, q.p99_us, q.p999_us, q.max_us);
  return text.data();
}

}  // namespace load
