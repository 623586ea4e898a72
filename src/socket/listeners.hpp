// Listeners: handlers of one kind, which may come and go while they are called.
#pragma once
#include <cstddef>
#include <list>
#include <utility>
#include <vector>

#include "chorus/listener.hpp"

namespace chorus::socket {

enum class Place { back, front };
enum class Times { always, once };

/// Thread: one worker's. Cost: a call for each; add and remove O(listeners).
template <class F>
class Listeners {
 public:
  void add(ListenerId id, F call, Place place = Place::back, Times times = Times::always) {
    entries_.insert(place == Place::front ? entries_.begin() : entries_.end(),
                    Entry{id, std::move(call), times == Times::once, false});
    ++live_;
  }
  /// False: there is none of this name.
  bool remove(ListenerId id) {
    for (auto& entry : entries_) {
      if (entry.id != id || entry.gone) continue;
      drop(entry);
      sweep();
      return true;
    }
    return false;
  }
  void clear() {
    for (auto& entry : entries_)
      if (!entry.gone) drop(entry);
    sweep();
  }
  bool empty() const { return live_ == 0; }
  /// In the order of their calls.
  std::vector<ListenerId> ids() const {
    std::vector<ListenerId> ids;
    for (auto const& entry : entries_)
      if (!entry.gone) ids.push_back(entry.id);
    return ids;
  }
  bool running() const { return running_ != 0; }

  /// Calls `visit(f)` for those that are there now, in order, while it returns true. One that is removed meanwhile is
  /// not called any more, but lives until the last visit has ended: it may be the one that is running.
  template <class Visit>
  void for_each(Visit&& visit) {
    Run const run(*this);
    auto left = entries_.size();
    for (auto entry = entries_.begin(); left > 0; ++entry, --left) {
      if (entry->gone) continue;
      if (entry->once) drop(*entry);
      if (!visit(entry->call)) return;
    }
  }

 private:
  struct Entry {
    ListenerId id;
    F call;
    bool once;
    bool gone;
  };
  struct Run {
    explicit Run(Listeners& l) : listeners(l) { ++listeners.running_; }
    ~Run() {
      --listeners.running_;
      listeners.sweep();
    }
    Run(Run const&) = delete;
    Run& operator=(Run const&) = delete;
    Listeners& listeners;
  };
  void drop(Entry& entry) {
    entry.gone = true;
    --live_;
  }
  void sweep() {
    if (running_ == 0 && live_ != entries_.size()) entries_.remove_if([](Entry const& entry) { return entry.gone; });
  }

  std::list<Entry> entries_;
  std::size_t live_ = 0;
  unsigned running_ = 0;
};

}  // namespace chorus::socket
