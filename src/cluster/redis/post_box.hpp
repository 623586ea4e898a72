// What other threads want of the post office, and what they may know of it. Inner part of RedisLink.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/guarded.hpp"
#include "base/time.hpp"
#include "cluster/redis/redis_link.hpp"

namespace chorus::cluster::redis {

struct PublishLetter {
  std::string channel;
  std::string payload;
};
struct CommandLetter {
  std::vector<std::string> arguments;  // none when `full`
  OnReply on_reply;
  bool full = false;  // found no room and is only to be told so
};
struct SubscribeLetter {
  SubscriptionKind kind;
  std::string name;
  OnSubscribed done;
};
struct UnsubscribeLetter {
  SubscriptionKind kind;
  std::string name;
};
using Errand = std::function<void()>;
using Letter = std::variant<PublishLetter, CommandLetter, SubscribeLetter, UnsubscribeLetter, Errand>;

/// Letters in the order in which they were posted, each kind bounded as in the outbox; and the counters, which add up
/// at any time: a publish moves from the box to the outbox under the box's lock.
///
/// Thread: any, but for what says that it is the post office's.
class PostBox {
 public:
  explicit PostBox(OutboxLimits limits) : limits_(limits) {}

  enum class Posted : std::uint8_t {
    yes,
    and_wake,  ///< the post office may sleep: wake it
    closed,    ///< kept nothing; `letter` is as it was
  };
  Posted post(Letter&& letter);

  /// Asks the post office to end after so long at most.
  Posted ask_to_stop(Duration flush_max);

  /// Post office: everything posted so far, oldest first; valid until the next collect().
  std::vector<Letter>& collect();
  std::optional<Duration> stop_asked() const;
  /// Post office: nothing is taken any more; the letters that were.
  std::vector<Letter>& close();
  /// Post office: where everything that was collected is now.
  void show(RedisStats const& stats);

  RedisStats stats() const;

 private:
  struct Content {
    std::vector<Letter> letters;
    std::uint64_t publishes = 0;  // among the letters
    std::size_t publish_bytes = 0;
    std::size_t commands = 0;  // among the letters
    std::size_t command_bytes = 0;
    std::uint64_t dropped = 0;  // publishes that found no room, or a closed box
    bool awake = false;         // the post office was woken and has not collected since
    bool closed = false;
    std::optional<Duration> stop_asked;
    RedisStats shown;
  };
  bool make_room(Content& content, Letter& letter) const;
  std::vector<Letter>& take(Content& content);

  OutboxLimits const limits_;
  Guarded<Content> content_;
  std::vector<Letter> taken_;
};

}  // namespace chorus::cluster::redis
