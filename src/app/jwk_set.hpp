// JwkSet: the keys of a JSON Web Key Set (RFC 7517, 5), as of one reading.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "app/jwt_key.hpp"
#include "base/result.hpp"

namespace chorus::app {

/// Thread: any; an immutable value.
class JwkSet {
 public:
  static constexpr std::size_t text_bytes_max = 256 * 1024;
  static constexpr std::size_t keys_max = 100;

  /// Keys that cannot be used here (of another kind, for encryption, too short) are passed over, as RFC 7517 has it;
  /// the error, a sentence, is for a text that is no set, and for a set that has no key that can be used.
  static Result<JwkSet, std::string> parse(std::string_view text);

  /// The key of this id for this algorithm. Without an id: the one key for it, unless there are several, so that a
  /// token costs one signature check at most.
  JwtKey const* find(JwtAlgorithm algorithm, std::string_view id) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<JwtKey> keys_;
};

}  // namespace chorus::app
