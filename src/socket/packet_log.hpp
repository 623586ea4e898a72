// PacketLog: the newest packets of one namespace, in their order, for clients that come back.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/budget.hpp"
#include "base/time.hpp"
#include "engine/shared_message.hpp"
#include "socket/target.hpp"

namespace chorus::socket {

struct LoggedPacket {
  TargetPtr target;
  std::shared_ptr<engine::SharedMessage const> message;

  /// What it is counted for: its frames, and about what stands around them.
  std::size_t bytes() const;
};

/// Packets are kept, and let go, a block at a time.
struct PacketBlock {
  static constexpr std::size_t packets_max = 64;
  static constexpr std::size_t bytes_wanted = 64 * 1024;  ///< a block that has as much is full

  explicit PacketBlock(std::uint64_t first_number) : first(first_number) {}
  bool full() const { return count == packets_max || bytes >= bytes_wanted; }

  std::uint64_t const first;
  std::array<LoggedPacket, packets_max> packets;
  std::size_t count = 0;  // with the next, the log's own
  std::size_t bytes = 0;
};

/// A piece of a log, of numbers that follow each other. A value; thread: any, and without the log's lock: what it names
/// does not change any more. It keeps its blocks in memory.
class PacketSlice {
 public:
  /// `visit(packet)`, the oldest first.
  template <class F>
  void for_each(F&& visit) const {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      PacketBlock const& block = *blocks_[i];
      std::uint64_t const last = i + 1 < blocks_.size() ? blocks_[i + 1]->first - 1 : last_;
      for (auto number = std::max(after_ + 1, block.first); number <= last; ++number)
        visit(block.packets[number - block.first]);
    }
  }
  /// Of the newest one, or the one before it when it is empty.
  std::uint64_t last() const { return last_; }

 private:
  friend class PacketLog;
  std::vector<std::shared_ptr<PacketBlock const>> blocks_;
  std::uint64_t after_ = 0, last_ = 0;
};

/// Numbers packets from 1 on without a gap. What is kept is always the newest ones without a gap, possibly none.
///
/// Thread: its owner's lock (Timeline). Limits: budgets, which other logs share: where one is used up the oldest of
/// this log go, and when none is left the new packet is not kept either. And time, see tick().
class PacketLog {
 public:
  PacketLog(Budget& packets, Budget& bytes) : packets_(packets), bytes_(bytes) {}
  ~PacketLog() { clear(); }
  PacketLog(PacketLog const&) = delete;
  PacketLog& operator=(PacketLog const&) = delete;

  /// It gets the number last() + 1.
  void append(LoggedPacket packet);
  /// Of the packet that was appended last, kept or not; 0: there was none.
  std::uint64_t last() const { return last_; }
  bool empty() const { return blocks_.empty(); }
  /// All behind that number. Nothing: they are not all kept, or there never was such a number.
  std::optional<PacketSlice> since(std::uint64_t number) const;

  /// Packets of which all in their block are older than `kept_for` go. Nobody looks at a clock when a packet comes (it
  /// may come from a thread that has none): it counts as no older than the first tick that saw it. So it is kept a
  /// little longer, by the time between two ticks, and never shorter.
  void tick(TimePoint now, Duration kept_for);
  void clear();

 private:
  std::uint64_t first_kept() const { return blocks_.empty() ? last_ + 1 : blocks_.front()->first; }
  bool make_room(std::size_t bytes);
  void drop_oldest();

  struct Seen {
    TimePoint at;
    std::uint64_t last;
  };
  Budget& packets_;
  Budget& bytes_;
  std::uint64_t last_ = 0;
  std::deque<std::shared_ptr<PacketBlock>> blocks_;
  std::deque<Seen> seen_;
};

}  // namespace chorus::socket
