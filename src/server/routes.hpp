// Routes: a program's own paths, and which of them a request is for.
#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "chorus/http.hpp"

namespace chorus::server {

/// Patterns of a few dozen paths, looked through one by one: what is asked often is not asked here.
///
/// Immutable once the server has started. Thread: any.
class Routes {
 public:
  static constexpr std::size_t routes_max = 1'000;

  /// See Server::route. The same method and pattern again takes the former's place. Throws std::runtime_error with a
  /// sentence when the pattern is none, or there are too many.
  void add(std::string method, std::string pattern, HttpHandler handler);
  void set_fallback(HttpHandler handler) { fallback_ = std::move(handler); }

  using Captures = std::vector<std::pair<std::string, std::string>>;
  struct Match {
    HttpHandler const* handler;
    Captures captures;
  };
  /// The path is known, but not by this method.
  struct OtherMethods {
    std::string allow;  ///< the header's value
  };
  struct Nothing {};
  /// `path` as it came, percent-encoded.
  std::variant<Nothing, OtherMethods, Match> find(Bytes method, Bytes path) const;
  /// nullptr: there is none.
  HttpHandler const* fallback() const { return fallback_ ? &fallback_ : nullptr; }

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> parts;  // between the slashes; `:name` is any one, a last `*` any number
    std::size_t captures = 0;
    bool open = false;  // ends with `*`
    HttpHandler handler;
  };
  static bool more_exact(Route const& a, Route const& b);

  std::vector<Route> routes_;  // the most exact pattern first
  HttpHandler fallback_;
};

}  // namespace chorus::server
