// Pending: a result that comes later, for coroutines to wait for (chorus/coroutine.hpp).
#pragma once
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace chorus {

class Namespace;
class Socket;

namespace socket {
class Switchboard;
}

namespace detail {

/// The worker whose turn ran when it was asked for; none on a foreign thread. Thread: any.
class HomeWorker {
 public:
  HomeWorker() = default;
  static HomeWorker current();
  static HomeWorker of(Socket const& socket);
  static HomeWorker of(Namespace const& nsp, unsigned worker);

  explicit operator bool() const { return board_ != nullptr; }
  /// It is its turn that runs.
  bool is_here() const;
  /// Runs `act` in a turn of it: now, if it has the turn, else by letter. Once the server has ended nothing is run.
  void run(std::function<void()> act) const;
  /// Gives work to the server's helper threads. False: there is no room.
  bool offload(std::function<void()> work) const;

 private:
  std::shared_ptr<socket::Switchboard> board_;
  unsigned worker_ = 0;
};

struct Nothing {};

/// Shared by who brings the result and who waits for it. `value`, `error` and `source` are the bringer's until it calls
/// finish(); the rest is the home worker's.
template <class R>
struct PendingState : std::enable_shared_from_this<PendingState<R>> {
  using Value = std::conditional_t<std::is_void_v<R>, Nothing, R>;

  HomeWorker const home = HomeWorker::current();
  std::optional<Value> value;
  std::exception_ptr error;
  std::shared_ptr<void> source;  ///< what brings the result, where giving up the wait ends it

  bool done = false;
  void* waiter = nullptr;
  void (*wake)(void* waiter) = nullptr;

  void finish(Value result) {
    value.emplace(std::move(result));
    tell();
  }
  void fail(std::exception_ptr why) {
    error = std::move(why);
    tell();
  }

 private:
  void tell() {
    if (!home) return;  // nobody can wait for it
    home.run([state = this->shared_from_this()] {
      state->done = true;
      if (state->waiter != nullptr) state->wake(std::exchange(state->waiter, nullptr));
    });
  }
};

}  // namespace detail

/// A result that comes later. What brings it has begun already, whether anybody waits for it or not: to drop it is to
/// ask for no answer. `co_await` it once, in the turn of the worker that got it (include chorus/coroutine.hpp).
/// Thread: that worker's. On a foreign thread it is of no use but to be dropped: give a call-back there.
template <class R = void>
class Pending {
 public:
  using State = detail::PendingState<R>;
  /// For Chorus itself.
  explicit Pending(std::shared_ptr<State> state) : state_(std::move(state)) {}

  /// Begins what brings the result: `begin(state)` calls state->finish(...) once, now or later, on any thread.
  template <class Begin>
  static Pending start(Begin&& begin) {
    auto state = std::make_shared<State>();
    begin(state);
    return Pending(std::move(state));
  }

  /// For Chorus itself.
  std::shared_ptr<State> const& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace chorus
