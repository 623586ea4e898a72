#include "load/schedule.hpp"

#include <cmath>

namespace load {

// From the beginning each time, so that no error adds up.
Clock::time_point Schedule::time_of(std::uint64_t n) const {
  return begin_ + std::chrono::nanoseconds(std::llround(static_cast<double>(n) / rate_ * 1e9));
}

std::uint64_t Schedule::due_by(Clock::time_point now) const {
  if (now < begin_) return 0;
  auto count = static_cast<std::uint64_t>(std::chrono::duration<double>(now - begin_).count() * rate_);
  while (time_of(count) <= now) ++count;
  while (count > 0 && time_of(count - 1) > now) --count;
  return count;
}

}  // namespace load
