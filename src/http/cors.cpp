#include "http/cors.hpp"

#include <algorithm>

#include "http/characters.hpp"

namespace chorus::http {
namespace {

/// What Access-Control-Allow-Origin says; nullopt: this origin has no access.
std::optional<std::string> allowed_origin(Request const& request, CorsOptions const& options) {
  if (options.origins == CorsOptions::Origins::any) return "*";
  auto const& list = options.allowed_origins;
  if (options.origins == CorsOptions::Origins::fixed) return list.front();
  auto const origin = request.header("Origin");
  if (!origin) return std::nullopt;
  bool const allowed = options.origins == CorsOptions::Origins::reflect ||
                       std::find(list.begin(), list.end(), *origin) != list.end() ||
                       (options.also_allowed && options.also_allowed(*origin));
  return allowed ? std::optional(std::string(*origin)) : std::nullopt;
}

/// As in the cors module, credentials are announced to an origin without access as well: without Allow-Origin they
/// mean nothing.
void append_origin_and_credentials(Response& response, Request const& request, CorsOptions const& options) {
  if (auto origin = allowed_origin(request, options)) {
    response.headers.emplace_back("Access-Control-Allow-Origin", std::move(*origin));
  }
  // Also when refused: a cache must not give this answer to another origin.
  if (options.origins != CorsOptions::Origins::any) append_vary(response, "Origin");
  if (options.credentials) response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

void append_allowed_headers(Response& response, Request const& request, CorsOptions const& options) {
  std::string allowed = options.allowed_headers;
  if (allowed.empty()) {
    allowed = request.header("Access-Control-Request-Headers").value_or(Bytes());
    append_vary(response, "Access-Control-Request-Headers");
  }
  if (!allowed.empty()) response.headers.emplace_back("Access-Control-Allow-Headers", std::move(allowed));
}

void append_exposed_headers(Response& response, CorsOptions const& options) {
  if (options.exposed_headers.empty()) return;
  response.headers.emplace_back("Access-Control-Expose-Headers", options.exposed_headers);
}

bool list_names(Bytes list, Bytes name) {
  while (!list.empty()) {
    Bytes const element = list.substr(0, list.find(','));
    if (equals_ignoring_case(trimmed(element), name)) return true;
    list.remove_prefix(std::min(element.size() + 1, list.size()));
  }
  return false;
}

}  // namespace

bool is_origin_allowed(Request const& request, CorsOptions const* options) {
  auto const origin = request.header("Origin");
  if (!origin) return true;
  if (auto const authority = origin->find("://"); authority != Bytes::npos) {
    auto const host = request.header("Host");
    if (host && equals_ignoring_case(origin->substr(authority + 3), *host)) return true;
  }
  if (options == nullptr) return false;
  auto const allowed = allowed_origin(request, *options);
  return allowed && (*allowed == "*" || *allowed == *origin);
}

void append_vary(Response& response, Bytes name) {
  auto const found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [](auto const& header) { return equals_ignoring_case(header.first, "Vary"); });
  if (found == response.headers.end()) {
    response.headers.emplace_back("Vary", name);
  } else if (!list_names(found->second, name) && !list_names(found->second, "*")) {
    found->second.append(", ").append(name);
  }
}

void append_cors_headers(Response& response, Request const& request, CorsOptions const& options) {
  append_origin_and_credentials(response, request, options);
  append_exposed_headers(response, options);
}

void append_preflight_headers(Response& response, Request const& request, CorsOptions const& options) {
  append_origin_and_credentials(response, request, options);
  if (!options.methods.empty()) response.headers.emplace_back("Access-Control-Allow-Methods", options.methods);
  append_allowed_headers(response, request, options);
  if (options.max_age) {
    response.headers.emplace_back("Access-Control-Max-Age", std::to_string(options.max_age->count()));
  }
  append_exposed_headers(response, options);
}

Response preflight(Request const& request, CorsOptions const& options) {
  Response response;
  response.status = options.preflight_status;
  append_preflight_headers(response, request, options);
  return response;
}

}  // namespace chorus::http
