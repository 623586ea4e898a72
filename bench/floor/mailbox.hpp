// What other threads have for a loop's peers, and the bell that wakes it.
#pragma once
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "floor/groups.hpp"

namespace bench_floor {

/// One thread's messages of one turn for another thread: the frames in a row, and whose they are. Its memory is kept
/// from turn to turn.
struct Bundle {
  struct Letter {
    Group* group;
    std::size_t size;  // of its frames
  };
  void add(Group& group, std::string const& frames) {
    letters.push_back({&group, frames.size()});
    text += frames;
  }
  void clear() {
    letters.clear();
    text.clear();
  }
  std::vector<Letter> letters;
  std::string text;
};

/// Thread: said of each. Lifetime: that of the process. No limit: what a turn brings is all that can be in it.
class Mailbox {
 public:
  /// Throws std::system_error when there is no descriptor for the bell.
  Mailbox();

  /// By edges, and never read.
  int bell() const { return bell_; }
  /// Takes the bundle in, leaves it empty, and rings unless the owner has yet to answer an earlier ring. Thread: any.
  void post(Bundle& bundle);
  /// What has come, into an empty bundle. Thread: the owner's.
  void take(Bundle& into);

 private:
  int bell_;
  std::atomic<bool> rung_{false};
  std::mutex mutex_;
  Bundle waiting_;
};

}  // namespace bench_floor
