// MessageIds: names for messages that sort by time and never repeat.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chorus::app {

/// `0193a5c1e2f0` `0000` `Zk3_9a`: milliseconds since 1970 in 12 hexadecimal digits, a number within the millisecond in
/// 4, and 6 random characters of this process. As strings they sort in the order of their making; another process, or
/// this one after a restart, differs in the last part.
///
/// Thread: one at a time (History makes the ids under its own lock, so that its order is theirs).
class MessageIds {
 public:
  static constexpr std::size_t size = 12 + 4 + 6;
  using Clock = std::chrono::system_clock;

  MessageIds();
  explicit MessageIds(std::string process) : process_(std::move(process)) {}

  struct Made {
    std::string id;
    /// The millisecond in the id: never before that of an earlier one, though the clock may have stepped back.
    Clock::time_point time;
  };
  Made next(Clock::time_point now);
  /// The millisecond in an id; 1970 when it has none.
  static Clock::time_point time_of(std::string_view id);

 private:
  std::string const process_;
  std::uint64_t millisecond_ = 0;
  std::uint32_t sequence_ = 0;
};

}  // namespace chorus::app
