// JwksFile: a key set in a file that somebody else replaces now and then, as keys are rotated.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "app/file_stamp.hpp"
#include "app/jwk_set.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"

namespace chorus::app {

/// Reads the file again when it has changed. It looks at most once every `check_interval`, and for a token whose key is
/// not known at most once every `unknown_pause`, so that strangers cannot make it read. A file that cannot be read, or
/// is no key set, leaves the keys as they were, and is logged once.
///
/// Thread: any. Time is an argument, and may jump. A look is one stat() in the caller's turn, a change one read of at
/// most JwkSet::text_bytes_max.
class JwksFile {
 public:
  static constexpr std::chrono::seconds check_interval{10};
  static constexpr std::chrono::seconds unknown_pause{1};
  using Time = std::chrono::system_clock::time_point;

  /// The error is a sentence.
  static Result<std::shared_ptr<JwksFile>, std::string> open(std::string path);

  std::shared_ptr<JwkSet const> keys(Time now) const { return look(now, check_interval); }
  /// When the keys as of now() had none for a token: perhaps newer ones have.
  std::shared_ptr<JwkSet const> newer_keys(Time now) const { return look(now, unknown_pause); }
  std::string const& path() const { return path_; }

 private:
  struct State {
    std::shared_ptr<JwkSet const> keys;
    FileStamp stamp;
    Time looked{};
  };

  JwksFile(std::string path, State state) : path_(std::move(path)), state_(std::move(state)) {}
  static Result<JwkSet, std::string> read(std::string const& path);
  std::shared_ptr<JwkSet const> look(Time now, std::chrono::seconds pause) const;

  std::string const path_;
  mutable Guarded<State> state_;
};

}  // namespace chorus::app
