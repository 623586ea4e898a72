#include "server/cors_settings.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>

namespace chorus::server {
namespace {

using Origins = http::CorsOptions::Origins;

/// A regular expression's matcher of libstdc++ calls itself for each character: what a stranger sends must be short.
constexpr std::size_t searched_bytes_max = 256;

std::function<bool(Bytes)> searches(std::vector<std::string> const& patterns) {
  std::vector<std::regex> expressions;
  for (auto const& pattern : patterns) {
    try {
      expressions.emplace_back(pattern);
    } catch (std::regex_error const&) {
      throw std::runtime_error("cors.origin_patterns: \"" + pattern + "\" is no regular expression");
    }
  }
  return [expressions = std::move(expressions)](Bytes origin) {
    return origin.size() <= searched_bytes_max &&
           std::ranges::any_of(expressions, [origin](std::regex const& expression) {
             return std::regex_search(origin.begin(), origin.end(), expression);
           });
  };
}

std::function<bool(Bytes)> also_allowed(CorsSettings const& settings) {
  if (settings.origin_patterns.empty()) return settings.allow_origin;
  auto matches = searches(settings.origin_patterns);
  if (!settings.allow_origin) return matches;
  return [matches = std::move(matches), allow = settings.allow_origin](Bytes origin) {
    return matches(origin) || allow(origin);
  };
}

bool is_off(CorsSettings const& settings) {
  return settings.origins.empty() && settings.origin_patterns.empty() && !settings.allow_origin &&
         settings.fixed_origin.empty();
}

}  // namespace

std::optional<http::CorsOptions> cors_options(CorsSettings const& settings) {
  if (is_off(settings)) return std::nullopt;
  http::CorsOptions cors;
  cors.also_allowed = also_allowed(settings);
  if (!settings.fixed_origin.empty()) {
    cors.origins = settings.fixed_origin == "*" ? Origins::any : Origins::fixed;
    cors.allowed_origins = {settings.fixed_origin};
  } else if (settings.origins.size() == 1 && settings.origins.front() == "*") {
    cors.origins = Origins::any;
  } else {
    cors.origins = Origins::list;
    cors.allowed_origins = settings.origins;
  }
  cors.methods = settings.methods;
  cors.allowed_headers = settings.allowed_headers;
  cors.exposed_headers = settings.exposed_headers;
  cors.credentials = settings.credentials;
  cors.max_age = settings.max_age;
  cors.preflight_status = settings.options_success_status;
  cors.preflight_continue = settings.preflight_continue;
  return cors;
}

}  // namespace chorus::server
