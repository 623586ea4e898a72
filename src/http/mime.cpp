#include "http/mime.hpp"

#include <algorithm>
#include <iterator>

namespace chorus::http {
namespace {

struct Kind {
  Bytes extension;
  Bytes type;
};

constexpr Kind kinds[] = {
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json; charset=utf-8"},
    {"map", "application/json; charset=utf-8"},
    {"txt", "text/plain; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"xml", "application/xml"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"ico", "image/x-icon"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
    {"otf", "font/otf"},
    {"wasm", "application/wasm"},
    {"pdf", "application/pdf"},
    {"webmanifest", "application/manifest+json"},
    {"mp3", "audio/mpeg"},
    {"ogg", "audio/ogg"},
    {"wav", "audio/wav"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
};

}  // namespace

Bytes content_type(Bytes path) {
  Bytes const name = path.substr(path.rfind('/') + 1);
  auto const dot = name.rfind('.');
  if (dot != Bytes::npos) {
    for (Kind const& kind : kinds) {
      if (equals_ignoring_case(name.substr(dot + 1), kind.extension)) return kind.type;
    }
  }
  return "application/octet-stream";
}

bool is_compressible(Bytes content_type) {
  Bytes const type = content_type.substr(0, content_type.find(';'));
  if (type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml")) return true;
  constexpr Bytes others[] = {"application/wasm", "image/x-icon", "font/ttf", "font/otf"};
  return std::ranges::find(others, type) != std::end(others);
}

}  // namespace chorus::http
