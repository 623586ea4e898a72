// Query strings and percent-encoding (RFC 3986, 2.1; application/x-www-form-urlencoded).
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::http {

inline constexpr std::size_t query_parameters_max = 100;

/// The parameters of a query string, decoded: %xx and '+' (a space). A malformed %xx stays as literal text, bytes that
/// are no UTF-8 become U+FFFD, as in Node's querystring; so names and values are always valid UTF-8.
/// What follows the first query_parameters_max parameters is ignored.
class Query {
 public:
  using Parameter = std::pair<std::string, std::string>;

  Query() = default;
  /// `query_string` without the '?'.
  explicit Query(Bytes query_string);

  /// The value of the first parameter of this name (Node makes an array of repeated ones).
  std::optional<std::string> get(Bytes name) const;
  /// The same without a copy; nullptr when absent. Lives as long as the query.
  std::string const* find(Bytes name) const;
  bool contains(Bytes name) const { return find(name) != nullptr; }

  /// In the order they came, repeated ones included.
  auto begin() const { return parameters_.begin(); }
  auto end() const { return parameters_.end(); }
  std::size_t size() const { return parameters_.size(); }
  bool empty() const { return parameters_.empty(); }

 private:
  std::vector<Parameter> parameters_;
};

/// A path for the file system: nullopt for a malformed %xx and for NUL. '+' stays '+'. Does not look at "..".
std::optional<std::string> percent_decode_path(Bytes path);

}  // namespace chorus::http
