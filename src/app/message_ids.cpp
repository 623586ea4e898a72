#include "app/message_ids.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/random.hpp"

namespace chorus::app {

MessageIds::MessageIds() : process_(random_token(6)) {}

MessageIds::Made MessageIds::next(Clock::time_point now) {
  using std::chrono::milliseconds;
  constexpr std::uint32_t sequence_end = 0x10000;
  auto const since_epoch = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
  auto const current = static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch, 0));
  if (current > millisecond_) {
    millisecond_ = current;
    sequence_ = 0;
  } else if (++sequence_ == sequence_end) {
    ++millisecond_;  // ahead of the clock, until that has caught up
    sequence_ = 0;
  }
  char text[12 + 4 + 1];
  std::snprintf(text, sizeof text, "%012llx%04x", static_cast<unsigned long long>(millisecond_ & 0xffff'ffff'ffff),
                sequence_ & 0xffffu);
  return {text + process_, Clock::time_point(milliseconds(millisecond_))};
}

MessageIds::Clock::time_point MessageIds::time_of(std::string_view id) {
  std::uint64_t millisecond = 0;
  auto const digits = id.substr(0, 12);
  std::from_chars(digits.data(), digits.data() + digits.size(), millisecond, 16);
  return Clock::time_point(std::chrono::milliseconds(millisecond));
}

}  // namespace chorus::app
