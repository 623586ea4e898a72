// Coroutines: handlers and middlewares that wait. `Task` is what they return, `co_await` takes what is Pending.
//
//   io.on("invite", [](Socket s, std::string whom, Ack ack) -> Task<> {
//     auto const guest = s.to(UserId{whom});
//     auto const answer = co_await guest.timeout(10s).emit_with_ack("invited", s.id());
//     ack(answer.complete);
//   });
//
// Thread: a task runs in turns of the worker on which it began, from its first line to its last, whatever it waits for.
// It begins at once, in the call, and runs until it waits for the first time.
// Lifetime: parameters are copied into it, so a coroutine that is a handler must take values: this is checked where it
// is registered. The forms of `on`, `once`, `use`, `on_any`, `on_connection`, `on_disconnecting`, `on_disconnect` and
// `of_function` may be coroutines; their captures are kept as long as one runs (of other call-backs they are not: a
// coroutine there must capture nothing). When its socket ends, what it waits for ends with an error value,
// and its handles do nothing; look at connected() after co_await where it matters. When the server ends, tasks that
// still wait are destroyed where they wait, their local variables with them; none runs on without its worker. Errors:
// what a task throws and nobody awaits is logged and counted as any handler's.
#pragma once
#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include "chorus/namespace.hpp"
#include "chorus/pending.hpp"
#include "chorus/socket.hpp"

namespace chorus {

template <class T = void>
class Task;

namespace detail {

/// A task as its worker knows it: one in the list of all that have not ended.
class TaskLink {
 public:
  explicit TaskLink(void (*destroy)(TaskLink&));  // in a turn of a worker only
  ~TaskLink();
  TaskLink(TaskLink const&) = delete;
  TaskLink& operator=(TaskLink const&) = delete;

  void destroy() { destroy_(*this); }

  TaskLink* next = nullptr;
  TaskLink** previous = nullptr;  // what points at this one

 private:
  void (*destroy_)(TaskLink&);
};

/// Logs and counts what a task threw.
void report_task_error(std::exception_ptr error);
/// Aborts with a sentence unless it is the worker's turn that asked for what is awaited.
void check_awaited_at_home(HomeWorker const& home);
/// Calls `resume` as a handler is called.
void resume_task(std::coroutine_handle<> task);

template <class T>
struct TaskResult {
  std::optional<T> value;
  void return_value(T result) { value.emplace(std::move(result)); }
  T take() { return std::move(*value); }
};
template <>
struct TaskResult<void> {
  void return_void() {}
  void take() {}
};

template <class T>
struct TaskPromise : TaskLink, TaskResult<T> {
  using Handle = std::coroutine_handle<TaskPromise>;

  TaskPromise() : TaskLink([](TaskLink& link) { Handle::from_promise(static_cast<TaskPromise&>(link)).destroy(); }) {}
  ~TaskPromise() {
    if (owner != nullptr) owner->promise_ = nullptr;
  }

  Task<T> get_return_object();
  std::suspend_never initial_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }

  struct End {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle task) noexcept {
      auto& promise = task.promise();
      if (promise.waiter) return promise.waiter;
      if (promise.owner == nullptr) {  // nobody waits, and nobody will
        if (promise.error) report_task_error(promise.error);
        task.destroy();
      }
      return std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  End final_suspend() noexcept { return {}; }

  Task<T>* owner = nullptr;
  std::coroutine_handle<> waiter;
  std::exception_ptr error;
  std::shared_ptr<void> kept;  // what it was called on
};

}  // namespace detail

/// What a coroutine returns that waits for something of Chorus. To drop it lets the coroutine run on by itself;
/// `co_await` it, in another task of the same worker, to have its result, or what it threw.
template <class T>
class Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  /// What `co_await` gives.
  using Result = T;

  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {
    if (promise_ != nullptr) promise_->owner = this;
  }
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (promise_ == nullptr) return;
    promise_->owner = nullptr;
    promise_->waiter = nullptr;
    auto const handle = promise_type::Handle::from_promise(*promise_);
    if (!handle.done()) return;
    auto const error = promise_->error;  // a waiter has taken it
    handle.destroy();
    if (error) detail::report_task_error(error);
  }

  /// Keeps something alive as long as the coroutine runs.
  void keep(std::shared_ptr<void> what) {
    if (promise_ != nullptr) promise_->kept = std::move(what);
  }

  /// Own worker, once.
  auto operator co_await() && {
    struct Awaiter {
      promise_type* promise;
      bool await_ready() const { return promise_type::Handle::from_promise(*promise).done(); }
      void await_suspend(std::coroutine_handle<> waiter) { promise->waiter = waiter; }
      T await_resume() {
        if (promise->error) std::rethrow_exception(std::exchange(promise->error, nullptr));
        return promise->take();
      }
    };
    return Awaiter{promise_};
  }

 private:
  friend promise_type;
  explicit Task(promise_type& promise) : promise_(&promise) { promise.owner = this; }

  promise_type* promise_;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() {
  return Task<T>(*this);
}

/// Waits for what is pending, once. Own worker: the one that asked for it. Throws what `offload`ed work threw.
template <class R>
auto operator co_await(Pending<R> pending) {
  struct Awaiter {
    explicit Awaiter(std::shared_ptr<detail::PendingState<R>> s) : state(std::move(s)) {}
    Awaiter(Awaiter&&) = default;
    ~Awaiter() {
      if (state) state->waiter = nullptr;  // destroyed while it waits
    }
    bool await_ready() const {
      detail::check_awaited_at_home(state->home);
      return state->done;
    }
    void await_suspend(std::coroutine_handle<> task) {
      state->waiter = task.address();
      state->wake = [](void* waiter) { detail::resume_task(std::coroutine_handle<>::from_address(waiter)); };
    }
    R await_resume() {
      if (state->error) std::rethrow_exception(state->error);
      if constexpr (!std::is_void_v<R>) return std::move(*state->value);
    }
    std::shared_ptr<detail::PendingState<R>> state;
  };
  return Awaiter(pending.state());
}

/// `co_await sleep(250ms)`: not before this time is over. Own worker; to drop it costs nothing.
Pending<> sleep(std::chrono::milliseconds time);

/// More work was offloaded than ServerOptions::offload_queue_max lets wait.
class OffloadRefused : public std::runtime_error {
 public:
  OffloadRefused();
};

namespace detail {

/// g++ 12 destroys what a lambda has captured twice, if the lambda is written within a co_await (GCC's bug 99576).
#if defined(__GNUC__) && !defined(__clang__)
inline constexpr bool destroys_captures_twice = true;
#else
inline constexpr bool destroys_captures_twice = false;
#endif
template <class F>
inline constexpr bool is_safe_in_co_await =
    !destroys_captures_twice || std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<F>;

}  // namespace detail

/// `auto const rows = co_await offload([](std::string query) { return database().run(query); }, query)`: runs
/// `work(args...)` on one of the server's helper threads (ServerOptions::offload_threads), where it may block, and
/// brings its result, or what it throws, back to this worker. Both are copied; of Chorus they may use handles. Own
/// worker. When too much waits already the co_await throws OffloadRefused. Work that has not begun when the server
/// stops is dropped; what runs is waited for.
template <class F, class... A, class R = std::decay_t<std::invoke_result_t<std::decay_t<F>&, A...>>>
Pending<R> offload(F&& work, A... args) {
  static_assert(
      detail::is_safe_in_co_await<F>,
      "g++ would destroy the captures of this lambda twice: give it a name first, or pass them as arguments of "
      "offload");
  return Pending<R>::start([&](std::shared_ptr<detail::PendingState<R>> const& state) {
    using Call = std::pair<std::decay_t<F>, std::tuple<A...>>;
    auto const call = std::make_shared<Call>(std::forward<F>(work), std::tuple<A...>(std::move(args)...));
    bool const taken = state->home.offload([state, call] {
      try {
        if constexpr (std::is_void_v<R>) {
          std::apply(call->first, std::move(call->second));
          state->finish({});
        } else {
          state->finish(std::apply(call->first, std::move(call->second)));
        }
      } catch (...) {
        state->fail(std::current_exception());
      }
    });
    if (!taken) state->fail(std::make_exception_ptr(OffloadRefused()));
  });
}

/// Calls `f()`, mostly a coroutine of its own (`[]() -> Task<> {...}`), in a turn of the socket's worker, or of one of
/// the server's workers. Thread: any.
template <class F>
void spawn(Socket const& socket, F f) {
  detail::HomeWorker::of(socket).run(detail::keep_captures(std::move(f)));
}
template <class F>
void spawn(Namespace const& nsp, unsigned worker, F f) {
  detail::HomeWorker::of(nsp, worker).run(detail::keep_captures(std::move(f)));
}

/// For who asks for a verdict: runs the coroutine and gives its result; what it throws is a refusal.
template <class V, class F, class... A>
Task<> answer_later(V verdict, std::shared_ptr<F> f, A... args) {
  std::optional<typename std::invoke_result_t<F&, A...>::Result> result;
  try {
    result.emplace(co_await (*f)(std::move(args)...));
  } catch (...) {
    detail::report_task_error(std::current_exception());
  }
  if constexpr (std::is_same_v<V, Verdict>)
    verdict(result ? std::move(*result) : refuse("Internal error"));
  else
    verdict(result && *result);
}

}  // namespace chorus
