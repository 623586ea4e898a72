// Static files: a folder read once at start and served from memory, so that no worker waits for a disk and no request
// can name a path outside.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/content_coding.hpp"
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
  /// Compression::at_load each file of a type that is worth it is kept by Brotli, gzip and deflate as well, if it
  /// becomes smaller: that takes about a quarter of its size for each, and 0.1 s for 1 MB.
  enum class Compression { none, at_load };
  void load(std::string const& folder, Compression compression = Compression::at_load);
  /// Of the folder the eight files of the browser's client that Socket.IO serves, those that are there; throws also
  /// when none is.
  void load_client(std::string const& folder, Compression compression = Compression::at_load);

  /// GET and HEAD (or whatever else) of a known path ("/" is "/index.html"), percent-encoded as it came, in the coding
  /// that the client prefers (http::preferred_coding; br before gzip before deflate where it does not say); nullopt for
  /// what is not there.
  enum class Methods { reading, any };
  std::optional<http::Response> find(Bytes path, http::Request const& request,
                                     Methods methods = Methods::reading) const;
  bool contains(Bytes path) const { return files_.contains(path); }
  std::size_t size() const { return files_.size(); }

 private:
  /// A strong validator tells the forms of a file apart (RFC 9110, 8.8.1).
  struct Form {
    std::string content;
    std::string etag;
    http::ContentCoding coding = http::ContentCoding::identity;
  };
  struct File {
    Form plain;
    std::string type;
    std::vector<Form> coded = {};  ///< the best first
  };
  static Form const& preferred(File const& file, http::Request const& request);
  void add(std::string const& name, std::string content, Compression compression);

  std::map<std::string, File, std::less<>> files_;
};

}  // namespace chorus::server
