// The corridor: how anything reaches a worker from outside its turns.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "net/worker.hpp"

namespace chorus::net {

/// Letters to one worker: many writers, one reader, in order per writer. A Letter is a value: moved things, shared
/// immutable bytes, handles; never a reference into the writer's world.
///
/// Lifetime: the worker outlives the mailbox, the mailbox outlives its writers.
template <class Letter>
class Mailbox {
 public:
  explicit Mailbox(Worker& worker) : worker_(worker) {}

  /// Thread: any. Wakes the worker (WorkerEvents::on_letters) unless it is already woken. Returns how many letters wait
  /// now: a writer that may flood has to hold that against its own limit.
  std::size_t post(Letter letter) {
    std::size_t const waiting = put(std::move(letter));
    worker_.wake();
    return waiting;
  }

  /// The same without waking the worker: for a writer that has more, and wakes it when it has put them all.
  std::size_t put(Letter letter) {
    return letters_.with([&](auto& letters) {
      letters.push_back(std::move(letter));
      return letters.size();
    });
  }
  /// Thread: any.
  void wake() { worker_.wake(); }

  /// Thread: the worker's. Everything posted so far, oldest first; valid until the next collect().
  std::vector<Letter>& collect() {
    taken_.clear();
    letters_.with([&](auto& letters) { letters.swap(taken_); });
    return taken_;
  }

  /// Thread: any.
  std::size_t waiting() const {
    return letters_.with([](auto const& letters) { return letters.size(); });
  }

 private:
  Worker& worker_;
  Guarded<std::vector<Letter>> letters_;
  std::vector<Letter> taken_;
};

}  // namespace chorus::net
