// Listeners beside those of one event: how they are named, catch-all listeners, middlewares of a socket's events.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "chorus/ack.hpp"
#include "chorus/args.hpp"
#include "chorus/handler.hpp"
#include "chorus/handshake.hpp"

namespace chorus {

/// Names one handler to the object that it was given to: what `on` and its kind return and `off` takes.
struct ListenerId {
  std::uint64_t value = 0;  ///< 0: none
  /// It names one.
  explicit operator bool() const { return value != 0; }
  bool operator==(ListenerId const&) const = default;
};

/// One event on its way out to a socket. Borrowed for the call.
struct Outgoing {
  Socket const& socket;    ///< that it goes to
  std::string_view event;  ///< its name
  Args const& args;        ///< as the client will see them
};

/// What Socket::on_any keeps.
using IncomingHandler = std::function<void(Incoming const&)>;
/// What Socket::on_any_outgoing keeps.
using OutgoingHandler = std::function<void(Outgoing const&)>;

namespace detail {

/// A catch-all listener's forms: `f(Incoming const&)`, or `f(std::string_view event, Args const& args)`.
template <class Event, class F>
std::function<void(Event const&)> make_catch_all(F f) {
  if constexpr (std::is_invocable_v<F&, Event const&>) {
    static_assert(!is_coroutine<F>, "a coroutine that hears all takes (std::string event, OwnedArgs args)");
    return f;
  } else if constexpr (is_coroutine<F>) {
    return [f = keep_captures(std::move(f))](Event const& event) {
      f(std::string(event.event), OwnedArgs::copy(event.args));
    };
  } else {
    return [f = std::move(f)](Event const& event) mutable { f(event.event, event.args); };
  }
}

}  // namespace detail

/// An event that a socket's middlewares look at before its handlers do, and may change. A copyable handle that owns
/// what it tells. Thread: the socket's worker. Lifetime: its own.
class EventDraft {
 public:
  struct State;
  /// For Chorus itself.
  explicit EventDraft(std::shared_ptr<State> state) : state_(std::move(state)) {}

  /// Whose event it is.
  Socket const& socket() const;
  /// Its name, as of now.
  std::string const& event() const;
  /// A view, until they are changed.
  Args args() const;
  /// The client's call-back; false-like if it has none.
  Ack ack() const;

  /// What the next middlewares and the handlers see as its name.
  void set_event(std::string name) const;
  /// What they see as its arguments.
  template <class... A>
  void set_args(A const&... args) const {
    set_args_encoded(encode_args(args...));
  }
  /// The same, of arguments that are encoded already.
  void set_args_encoded(ArgsWriter args) const;

  /// For Chorus itself.
  std::shared_ptr<State> const& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

/// Why an event was not given to its handlers: what a middleware refused it with.
struct EventError {
  std::string event;      ///< its name
  std::string message;    ///< what `refuse` was given
  std::string data_json;  ///< empty: none
};

/// `verdict(admit())` goes on, `verdict(refuse("why", data))` does not.
using EventMiddleware = std::function<void(EventDraft const&, Verdict)>;
/// What Socket::on_error and Namespace::on_error take.
using EventErrorHandler = std::function<void(Socket const&, EventError const&)>;

}  // namespace chorus
