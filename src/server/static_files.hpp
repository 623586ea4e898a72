// Static files: a folder read once at start and served from memory, so that no worker waits for a disk and no request
// can name a path outside.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace chorus::server {

/// Immutable after load(). Thread: any.
class StaticFiles {
 public:
  static constexpr std::size_t file_bytes_max = 8u << 20;
  static constexpr std::size_t total_bytes_max = 64u << 20;
  static constexpr std::size_t files_max = 2'000;

  /// Throws std::runtime_error with a sentence when the folder cannot be read or a limit is passed.
  void load(std::string const& folder);

  /// GET and HEAD of a known path ("/" is "/index.html"); nullopt for what is not there.
  std::optional<http::Response> find(http::Request const& request) const;
  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string content;
    std::string type;
    std::string etag;
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace chorus::server
