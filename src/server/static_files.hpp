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

  /// Throws std::runtime_error with a sentence when the folder cannot be read or a limit is passed. With
  /// Compression::gzip each file that becomes much smaller is kept compressed as well.
  enum class Compression { none, gzip };
  void load(std::string const& folder, Compression compression = Compression::gzip);

  /// GET and HEAD of a known path ("/" is "/index.html"), compressed for whoever accepts it; nullopt for what is not
  /// there.
  std::optional<http::Response> find(http::Request const& request) const;
  std::size_t size() const { return files_.size(); }

 private:
  /// A strong validator tells the two forms of a file apart (RFC 9110, 8.8.1).
  struct Form {
    std::string content;
    std::string etag;
  };
  struct File {
    Form plain;
    std::string type;
    std::optional<Form> gzip;
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace chorus::server
