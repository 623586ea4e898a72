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

/// One event on its way to a handler. Borrowed for the call: keep copies, not views.
struct Incoming {
  Socket const& socket;
  std::string_view event;
  Args const& args;
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
template <class C, class R, class... A>
struct CallableTraits<R (C::*)(A...) const> {
  using Arguments = std::tuple<A...>;
};
template <class C, class R, class... A>
struct CallableTraits<R (C::*)(A...)> {
  using Arguments = std::tuple<A...>;
};
template <class R, class... A>
struct CallableTraits<R (*)(A...)> {
  using Arguments = std::tuple<A...>;
};

/// What is decoded for a parameter: a string_view needs a string to look at.
template <class P>
using Stored =
    std::conditional_t<std::is_same_v<std::remove_cvref_t<P>, std::string_view>, std::string, std::remove_cvref_t<P>>;

template <class P>
inline constexpr bool is_special =
    std::is_same_v<std::remove_cvref_t<P>, Socket> || std::is_same_v<std::remove_cvref_t<P>, Ack> ||
    std::is_same_v<std::remove_cvref_t<P>, Args> || std::is_same_v<std::remove_cvref_t<P>, Incoming>;

/// The value of one parameter. `index` counts the client's arguments only.
template <class P>
auto fetch(Incoming const& in, std::size_t index) {
  using T = std::remove_cvref_t<P>;
  if constexpr (std::is_same_v<T, Socket>) {
    return std::optional<Socket const*>(&in.socket);
  } else if constexpr (std::is_same_v<T, Ack>) {
    return std::optional<Ack>(in.ack());
  } else if constexpr (std::is_same_v<T, Args>) {
    return std::optional<Args const*>(&in.args);
  } else if constexpr (std::is_same_v<T, Incoming>) {
    return std::optional<Incoming const*>(&in);
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

template <class F, class... P, std::size_t... I>
bool call_typed(F& f, Incoming const& in, std::tuple<P...>*, std::index_sequence<I...>) {
  // Which of the client's arguments each parameter takes: the special ones take none.
  std::size_t next = 0;
  std::size_t const wanted[] = {(is_special<P> ? 0 : next++)..., 0};
  auto values = std::tuple{fetch<P>(in, wanted[I])...};
  if (!(std::get<I>(values).has_value() && ... && true)) return false;
  f(pass(*std::get<I>(values))...);
  return true;
}

}  // namespace detail

/// `[](Socket const& s, std::string text, Ack ack) {...}`: Socket, Ack, Args, Incoming and ArgView parameters are
/// filled in; every other parameter takes the client's next argument, decoded; a wrong type means the handler is not
/// called.
template <class F>
EventHandler make_handler(F f) {
  return [f = std::move(f)](Incoming const& in) mutable {
    using Arguments = typename detail::CallableTraits<F>::Arguments;
    return detail::call_typed(f, in, static_cast<Arguments*>(nullptr),
                              std::make_index_sequence<std::tuple_size_v<Arguments>>{});
  };
}

}  // namespace chorus
