// From a lambda with typed parameters to the one form in which handlers are kept.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "chorus/ack.hpp"
#include "chorus/args.hpp"

namespace chorus {

class Socket;
class ServerAck;
struct ServerSideEvent;

/// One event on its way to a handler. Borrowed for the call: keep copies, not views.
struct Incoming {
  Socket const& socket;    ///< whose it is
  std::string_view event;  ///< its name
  Args const& args;        ///< what it came with
  /// Set when the client asked for an answer.
  std::optional<std::uint64_t> ack_id;

  /// The client's call-back; false-like if it has none.
  Ack ack() const;
};

/// False: the arguments were not of the types the handler wants, so it was not called.
using EventHandler = std::function<bool(Incoming const&)>;

namespace detail {

template <class T>
struct CallableTraits : CallableTraits<decltype(&T::operator())> {};
template <class R, class... A>
struct CallableTraits<R (*)(A...)> {
  using Result = R;
  using Arguments = std::tuple<A...>;
};
template <class R, class... A>
struct CallableTraits<R (*)(A...) noexcept> : CallableTraits<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallableTraits<R (C::*)(A...) const> : CallableTraits<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallableTraits<R (C::*)(A...)> : CallableTraits<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallableTraits<R (C::*)(A...) const noexcept> : CallableTraits<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallableTraits<R (C::*)(A...) noexcept> : CallableTraits<R (*)(A...)> {};

// A coroutine (chorus/coroutine.hpp) runs on when its call has returned: what it was given must be its own.

template <class R>
concept Coroutine = requires {
  typename R::promise_type;
};
template <class P>
inline constexpr bool is_borrowed = std::is_reference_v<P> || std::is_same_v<P, std::string_view> ||
                                    std::is_same_v<P, Args> || std::is_same_v<P, ArgView>;
template <class Arguments>
inline constexpr bool are_values = false;
template <class... P>
inline constexpr bool are_values<std::tuple<P...>> = (!is_borrowed<P> && ...);

/// False for what is called by several types, as a generic lambda is.
template <class F>
inline constexpr bool is_coroutine = false;
template <class R, class... A>
inline constexpr bool is_coroutine<R (*)(A...)> = Coroutine<R>;
template <class F>
requires requires { &F::operator(); }
inline constexpr bool is_coroutine<F> = Coroutine<typename CallableTraits<F>::Result>;

/// A coroutine's captures lie in the object that was called: each run keeps that.
template <class F>
auto keep_captures(F f) {
  if constexpr (is_coroutine<F>) {
    static_assert(are_values<typename CallableTraits<F>::Arguments>,
                  "a handler that is a coroutine must take its parameters by value (Socket, std::string, OwnedArgs, "
                  "RawJson, ...): what it borrows ends when it waits for the first time");
    return [f = std::make_shared<F>(std::move(f))](auto const&... args) { (*f)(args...).keep(f); };
  } else {
    return f;
  }
}

/// What is decoded for a parameter: a string_view needs a string to look at.
template <class P>
using Stored =
    std::conditional_t<std::is_same_v<std::remove_cvref_t<P>, std::string_view>, std::string, std::remove_cvref_t<P>>;

template <class P>
inline constexpr bool is_special =
    std::is_same_v<std::remove_cvref_t<P>, Socket> || std::is_same_v<std::remove_cvref_t<P>, Ack> ||
    std::is_same_v<std::remove_cvref_t<P>, Args> || std::is_same_v<std::remove_cvref_t<P>, Incoming> ||
    std::is_same_v<std::remove_cvref_t<P>, OwnedArgs> || std::is_same_v<std::remove_cvref_t<P>, ServerAck> ||
    std::is_same_v<std::remove_cvref_t<P>, ServerSideEvent>;

/// The value of one parameter of a handler of `In`: Incoming, or ServerSideEvent. `index` counts the sender's arguments
/// only.
template <class P, class In>
auto fetch(In const& in, std::size_t index) {
  using T = std::remove_cvref_t<P>;
  if constexpr (std::is_same_v<T, Socket>) {
    return std::optional<Socket const*>(&in.socket);
  } else if constexpr (std::is_same_v<T, ServerAck>) {
    return std::optional<T const*>(&in.answer);
  } else if constexpr (std::is_same_v<T, Ack>) {
    return std::optional<Ack>(in.ack());
  } else if constexpr (std::is_same_v<T, Args>) {
    return std::optional<Args const*>(&in.args);
  } else if constexpr (std::is_same_v<T, OwnedArgs>) {
    return std::optional<OwnedArgs>(OwnedArgs::copy(in.args));
  } else if constexpr (std::is_same_v<T, In>) {
    return std::optional<In const*>(&in);
  } else if constexpr (std::is_same_v<T, ArgView>) {
    return std::optional<ArgView>(in.args[index]);
  } else {
    return decode<Stored<P>>(in.args[index]);
  }
}

template <class T>
T& pass(T& value) {
  return value;
}
template <class T>
T& pass(T*& value) {
  return *value;
}

struct KeepNothing {};

template <class F, class In, class Kept, class... P, std::size_t... I>
bool call_typed(F& f, In const& in, Kept const& kept, std::tuple<P...>*, std::index_sequence<I...>) {
  // Which of the client's arguments each parameter takes: the special ones take none.
  std::size_t next = 0;
  std::size_t const wanted[] = {(is_special<P> ? 0 : next++)..., 0};
  auto values = std::tuple{fetch<P>(in, wanted[I])...};
  if (!(std::get<I>(values).has_value() && ... && true)) return false;
  if constexpr (std::is_same_v<Kept, KeepNothing>)
    f(pass(*std::get<I>(values))...);
  else
    f(pass(*std::get<I>(values))...).keep(kept);
  return true;
}

/// Calls `f` with what its parameters ask for. `kept`: what a coroutine keeps as long as it runs.
template <class F, class In, class Kept = KeepNothing>
bool call_with(F& f, In const& in, Kept const& kept = {}) {
  using Arguments = typename CallableTraits<F>::Arguments;
  return call_typed(f, in, kept, static_cast<Arguments*>(nullptr),
                    std::make_index_sequence<std::tuple_size_v<Arguments>>{});
}

/// The one form of handlers of `In`.
template <class In, class F>
std::function<bool(In const&)> make_typed(F f) {
  if constexpr (is_coroutine<F>) {
    static_assert(are_values<typename CallableTraits<F>::Arguments>,
                  "a handler that is a coroutine must take its parameters by value (Socket, std::string, OwnedArgs, "
                  "RawJson, ...): what it borrows ends when it waits for the first time");
    return [f = std::make_shared<F>(std::move(f))](In const& in) { return call_with(*f, in, f); };
  } else {
    return [f = std::move(f)](In const& in) mutable { return call_with(f, in); };
  }
}

}  // namespace detail

/// `[](Socket const& s, std::string text, Ack ack) {...}`: Socket, Ack, Args, OwnedArgs, Incoming and ArgView
/// parameters are filled in; every other parameter takes the client's next argument, decoded; a wrong type means the
/// handler is not called. It may be a coroutine.
template <class F>
EventHandler make_handler(F f) {
  return detail::make_typed<Incoming>(std::move(f));
}

}  // namespace chorus
