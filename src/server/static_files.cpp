#include "server/static_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>

#include "http/cors.hpp"
#include "http/mime.hpp"
#include "http/query.hpp"

namespace chorus::server {
namespace {

namespace fs = std::filesystem;

std::string read_whole(fs::path const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

using http::ContentCoding;

/// As socket.io names them, and in its order.
constexpr std::array codings{ContentCoding::br, ContentCoding::gzip, ContentCoding::deflate};

std::string etag_of(std::string const& content, ContentCoding coding = ContentCoding::identity) {
  auto etag = '"' + std::to_string(content.size()) + '-' + std::to_string(std::hash<std::string>{}(content));
  if (coding != ContentCoding::identity) etag.append("-").append(to_string(coding));
  return etag += '"';
}

/// If-None-Match compares weakly (RFC 9110, 13.1.2).
bool matches(Bytes list, Bytes etag) { return list == "*" || list.find(etag) != Bytes::npos; }

}  // namespace

void StaticFiles::load(std::string const& folder, Compression compression) {
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
    add(relative, read_whole(entry.path()), compression);
  }
}

void StaticFiles::load_client(std::string const& folder, Compression compression) {
  for (std::string_view const stem :
       {"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"})
    for (std::string_view const end : {"", ".map"}) {
      auto const name = std::string(stem).append(end);
      auto const path = fs::path(folder) / name;
      std::error_code error;
      auto const size = fs::file_size(path, error);
      if (error) continue;
      if (size > file_bytes_max) throw std::runtime_error("client files: " + path.string() + " is above 8 MiB");
      add(name, read_whole(path), compression);
    }
  if (files_.empty())
    throw std::runtime_error("client files: " + folder +
                             " has no socket.io.js; the folder dist of the package socket.io-client has");
}

void StaticFiles::add(std::string const& name, std::string content, Compression compression) {
  auto etag = etag_of(content);
  File file{{std::move(content), std::move(etag)}, std::string(http::content_type(name))};
  if (compression == Compression::at_load && http::is_compressible(file.type)) {
    http::BodyEncoder encoder(deflate_level_max);
    for (auto const coding : codings)
      if (auto encoded = encoder.encode(file.plain.content, coding))
        file.coded.push_back({std::move(*encoded), etag_of(file.plain.content, coding), coding});
  }
  files_.insert_or_assign('/' + name, std::move(file));
}

StaticFiles::Form const& StaticFiles::preferred(File const& file, http::Request const& request) {
  std::array<ContentCoding, codings.size()> offered{};
  std::ranges::transform(file.coded, offered.begin(), &Form::coding);
  auto const coding = http::preferred_coding(request, std::span(offered).first(file.coded.size()));
  auto const found = std::ranges::find(file.coded, coding, &Form::coding);
  return found != file.coded.end() ? *found : file.plain;
}

std::optional<http::Response> StaticFiles::find(Bytes encoded_path, http::Request const& request,
                                                Methods methods) const {
  if (methods == Methods::reading && request.method() != "GET" && request.method() != "HEAD") return std::nullopt;
  auto path = http::percent_decode_path(encoded_path);
  if (!path) return std::nullopt;
  if (path->ends_with('/')) *path += "index.html";
  auto const found = files_.find(*path);
  if (found == files_.end()) return std::nullopt;

  File const& file = found->second;
  Form const& form = preferred(file, request);
  http::Response response;
  response.headers = {
      {"Content-Type", file.type},
      {"ETag", form.etag},
      {"Cache-Control", "no-cache"},
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:"}};
  if (!file.coded.empty()) http::append_vary(response, "Accept-Encoding");
  if (auto const known = request.header("if-none-match"); known && matches(*known, form.etag)) {
    response.status = 304;
    return response;
  }
  if (form.coding != ContentCoding::identity) response.headers.emplace_back("Content-Encoding", to_string(form.coding));
  response.body = form.content;
  return response;
}

}  // namespace chorus::server
