// Whose turn is running? The rule "a worker's objects are touched in that worker's turns only", as code.
#pragma once
#include "base/check.hpp"

namespace chorus {

/// Identity of a worker for WorkerBound; only its address matters.
struct WorkerMark {};

/// The worker whose turn runs on this thread; nullptr outside any turn (unit tests, foreign threads).
inline thread_local WorkerMark const* current_turn = nullptr;

/// Held while a worker runs a turn. A worker may run on any thread, one turn at a time (a user's strand).
class WorkerTurn {
 public:
  explicit WorkerTurn(WorkerMark const& mark) : outer_(current_turn) { current_turn = &mark; }
  ~WorkerTurn() { current_turn = outer_; }
  WorkerTurn(WorkerTurn const&) = delete;
  WorkerTurn& operator=(WorkerTurn const&) = delete;

 private:
  WorkerMark const* outer_;
};

/// Base of everything that belongs to one worker: born in a turn, it may only be touched in that worker's turns.
/// `check_worker()` first in each public method. In release builds it is nothing.
class WorkerBound {
 public:
#ifdef NDEBUG
  void check_worker() const {}
#else
  void check_worker() const {
    CHORUS_CHECK(current_turn == owner_, "an object of one worker was touched in another worker's turn");
  }

 protected:
  WorkerBound() : owner_(current_turn) {}

 private:
  WorkerMark const* owner_;
#endif
};

}  // namespace chorus
