#include "server/routes.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "http/query.hpp"

namespace chorus::server {
namespace {

using Captures = Routes::Captures;

std::vector<std::string> split(Bytes path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    auto const size = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, size));
    path.remove_prefix(size);
  }
  return parts;
}

bool is_name(std::string const& part) { return part.size() > 1 && part.front() == ':'; }

/// What the path has where the pattern has names; nothing when it is no path of this pattern.
std::optional<Captures> match(std::vector<std::string> const& parts, bool open, Bytes path) {
  Captures captures;
  std::size_t const fixed = parts.size() - (open ? 1 : 0);
  for (std::size_t i = 0; i < fixed; ++i) {
    if (path.empty()) return std::nullopt;
    path.remove_prefix(1);
    Bytes const part = path.substr(0, std::min(path.find('/'), path.size()));
    path.remove_prefix(part.size());
    if (!is_name(parts[i])) {
      if (part != parts[i]) return std::nullopt;
      continue;
    }
    auto decoded = http::percent_decode_path(part);
    if (!decoded || decoded->empty()) return std::nullopt;
    captures.emplace_back(parts[i].substr(1), std::move(*decoded));
  }
  if (!open) return path.empty() ? std::optional(std::move(captures)) : std::nullopt;
  if (path.empty()) return std::nullopt;  // "/files" is not below "/files/*"
  auto decoded = http::percent_decode_path(path.substr(1));
  if (!decoded) return std::nullopt;
  captures.emplace_back("*", std::move(*decoded));
  return captures;
}

bool takes(std::string const& method, Bytes asked) {
  return method == "*" || method == asked || (method == "GET" && asked == "HEAD");
}

}  // namespace

void Routes::add(std::string method, std::string pattern, HttpHandler handler) {
  if (!pattern.starts_with('/'))
    throw std::runtime_error("route: the path \"" + pattern + "\" does not begin with a slash");
  Route route{std::move(method), std::move(pattern), {}, 0, false, std::move(handler)};
  route.parts = split(route.pattern);
  route.open = route.parts.back() == "*";
  route.captures = static_cast<std::size_t>(std::ranges::count_if(route.parts, is_name));
  std::erase_if(routes_, [&](Route const& r) { return r.method == route.method && r.pattern == route.pattern; });
  if (routes_.size() >= routes_max) throw std::runtime_error("route: 1000 routes are the most");
  routes_.insert(std::upper_bound(routes_.begin(), routes_.end(), route, more_exact), std::move(route));
}

bool Routes::more_exact(Route const& a, Route const& b) {
  if (a.open != b.open) return b.open;
  if (a.captures != b.captures) return a.captures < b.captures;
  if (a.parts.size() != b.parts.size()) return a.parts.size() > b.parts.size();
  return a.method != "*" && b.method == "*";
}

std::variant<Routes::Nothing, Routes::OtherMethods, Routes::Match> Routes::find(Bytes method, Bytes path) const {
  std::string allow;
  for (auto const& route : routes_) {
    auto captures = path.starts_with('/') ? match(route.parts, route.open, path) : std::nullopt;
    if (!captures) continue;
    if (takes(route.method, method)) return Match{&route.handler, std::move(*captures)};
    allow += allow.empty() ? "" : ", ";
    allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  if (!allow.empty()) return OtherMethods{std::move(allow)};
  return Nothing{};
}

}  // namespace chorus::server
