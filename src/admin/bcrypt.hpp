// Passwords against bcrypt hashes, by libcrypt.
#pragma once
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace chorus::admin {

/// Equal, without telling by its time where they differ: it depends on the length of `given` alone.
bool equal_in_constant_time(Bytes given, Bytes expected);

/// A hash that was found to be one of bcrypt's. An immutable value. Thread: any.
class BcryptHash {
 public:
  /// `$2a$`, `$2b$` or `$2y$`, two digits of cost from 04 to 31, `$`, 53 characters. Nothing: it is not that.
  static std::optional<BcryptHash> parse(Bytes text);

  /// Each step doubles the time that matches() takes: 10 is about 50 ms.
  unsigned cost() const { return cost_; }
  /// It is this password's. Takes a processor for a long time, so it is for helper threads. False too for a password
  /// that no hash can be of: with a zero byte in it, or longer than libcrypt takes (511 bytes). `password` is wiped.
  bool matches(std::string password) const;

 private:
  BcryptHash(std::string text, unsigned cost) : text_(std::move(text)), cost_(cost) {}

  std::string text_;
  unsigned cost_;
};

}  // namespace chorus::admin
