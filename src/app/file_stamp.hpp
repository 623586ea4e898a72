// FileStamp: what tells that a file is not the one it was, without reading it.
#pragma once
#include <string>

#include "base/result.hpp"

namespace chorus::app {

/// Another one when the file was written or replaced. An immutable value.
struct FileStamp {
  unsigned long long inode = 0, size = 0;
  long long seconds = 0, nanoseconds = 0;
  bool operator==(FileStamp const&) const = default;

  /// One stat(). The error is the system's word for it.
  static Result<FileStamp, std::string> of(std::string const& path);
};

}  // namespace chorus::app
