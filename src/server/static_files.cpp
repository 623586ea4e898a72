#include "server/static_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "http/mime.hpp"
#include "http/query.hpp"

namespace chorus::server {
namespace {

namespace fs = std::filesystem;

std::string read_whole(fs::path const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("web root: cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string etag_of(std::string const& content) {
  return '"' + std::to_string(content.size()) + '-' + std::to_string(std::hash<std::string>{}(content)) + '"';
}

/// If-None-Match compares weakly (RFC 9110, 13.1.2).
bool matches(Bytes list, Bytes etag) { return list == "*" || list.find(etag) != Bytes::npos; }

}  // namespace

void StaticFiles::load(std::string const& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw std::runtime_error("web root: " + folder + " is not a folder");
  std::size_t total = 0;
  for (auto const& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    auto const relative = fs::relative(entry.path(), folder).generic_string();
    if (relative.front() == '.' || relative.find("/.") != std::string::npos) continue;
    if (entry.file_size() > file_bytes_max || (total += entry.file_size()) > total_bytes_max ||
        files_.size() >= files_max)
      throw std::runtime_error("web root: " + folder + " is too large at " + relative +
                               " (8 MiB a file, 64 MiB and 2000 files in all)");
    auto content = read_whole(entry.path());
    auto etag = etag_of(content);
    files_.insert_or_assign('/' + relative,
                            File{std::move(content), std::string(http::content_type(relative)), std::move(etag)});
  }
}

std::optional<http::Response> StaticFiles::find(http::Request const& request) const {
  if (request.method() != "GET" && request.method() != "HEAD") return std::nullopt;
  auto path = http::percent_decode_path(request.path());
  if (!path) return std::nullopt;
  if (path->ends_with('/')) *path += "index.html";
  auto const found = files_.find(*path);
  if (found == files_.end()) return std::nullopt;

  File const& file = found->second;
  http::Response response;
  response.headers = {
      {"Content-Type", file.type},
      {"ETag", file.etag},
      {"Cache-Control", "no-cache"},
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:"}};
  if (auto const known = request.header("if-none-match"); known && matches(*known, file.etag)) {
    response.status = 304;
    return response;
  }
  response.body = file.content;
  return response;
}

}  // namespace chorus::server
