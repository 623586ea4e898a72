// History: the last messages, for a page's first paint and for what a reconnecting device missed.
#pragma once
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/message_ids.hpp"
#include "app/person.hpp"
#include "app/recipient.hpp"
#include "base/guarded.hpp"

namespace chorus::app {

struct HistoryLimits {
  std::size_t messages_max = 10'000;
  std::size_t bytes_max = 16u << 20;      ///< of all messages, with what keeping them costs
  std::size_t page_bytes_max = 1u << 20;  ///< of one answer, which must fit into a connection's backlog
};

/// Who asks: sees what is for everybody, for these rooms, and the direct messages from and to themselves.
struct Viewer {
  std::string user;
  std::set<std::string> rooms;
};

struct HistoryQuery {
  std::size_t limit = 50;
  std::string after;  ///< only ids greater than this; empty: the newest ones
};

/// One message, immutable and shared: `json` is what `chat_message` carries.
struct Message {
  std::string id;
  std::chrono::system_clock::time_point time;
  std::string sender;
  Recipient to;
  std::string json;
};
using MessagePtr = std::shared_ptr<Message const>;

struct HistoryPage {
  std::vector<MessagePtr> messages;  ///< newest last
  /// With `after`: newer ones wait. Without: older ones were left out.
  bool more = false;
};

/// Thread: any. Memory: bounded by HistoryLimits, the oldest go first. Ids are made under the same lock, so that no
/// message ever appears before one that was already read. Whoever emits a message adds it here first: then a device
/// that reads after connecting has either the emit or the row. Workers may emit out of the order of ids by what a
/// letter takes; a client that wants no gap at all asks after an id a little older than its newest.
class History {
 public:
  static constexpr std::size_t limit_max = 200;
  using Clock = MessageIds::Clock;

  explicit History(HistoryLimits limits = {}, MessageIds ids = MessageIds());

  MessagePtr add(Person const& from, Recipient to, std::string_view text, Clock::time_point now);
  /// A message that another process made, in its place by its id. False: it is there already, or older than what is
  /// kept.
  bool insert(MessagePtr message);
  /// Finding where to begin is O(log n); limits above limit_max count as it.
  HistoryPage read(Viewer const& viewer, HistoryQuery const& query) const;

  /// All that is kept, oldest first.
  std::vector<MessagePtr> all() const;
  HistoryLimits const& limits() const { return limits_; }
  std::size_t size() const;
  std::size_t bytes() const;

 private:
  struct Journal {
    explicit Journal(MessageIds i) : ids(std::move(i)) {}
    MessageIds ids;
    std::deque<MessagePtr> messages;
    std::size_t bytes = 0;
  };
  void trim(Journal& journal) const;
  HistoryPage read_after(Journal const& journal, Viewer const& viewer, HistoryQuery const& query) const;
  HistoryPage read_newest(Journal const& journal, Viewer const& viewer, HistoryQuery const& query) const;

  HistoryLimits const limits_;
  Guarded<Journal> journal_;
};

bool may_see(Viewer const& viewer, Message const& message);

/// The message whose `json` this is, from another process. Nothing: it is not one.
MessagePtr read_message(std::string_view json);

/// `2026-11-22T23:02:18.123Z`
std::string iso_time(std::chrono::system_clock::time_point time);

}  // namespace chorus::app
