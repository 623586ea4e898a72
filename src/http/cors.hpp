// Cross-origin resource sharing as Node's `cors` module answers it (Fetch standard, "CORS protocol").
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace chorus::http {

struct CorsOptions {
  enum class Origins {
    any,      ///< "*"
    fixed,    ///< the first of `allowed_origins`, whoever asks
    list,     ///< those of `allowed_origins`, compared exactly, and `also_allowed`; the origin that asked is named
    reflect,  ///< whoever asks
  };
  Origins origins = Origins::any;
  std::vector<std::string> allowed_origins = {};
  std::function<bool(Bytes origin)> also_allowed = {};  ///< must not throw
  std::string methods = "GET,HEAD,PUT,PATCH,POST,DELETE";
  std::string allowed_headers = {};  ///< comma-separated; empty: what the preflight asks for
  std::string exposed_headers = {};  ///< comma-separated; empty: not sent
  bool credentials = false;
  std::optional<std::chrono::seconds> max_age = std::nullopt;
  int preflight_status = 204;
  bool preflight_continue = false;  ///< for whoever calls: an OPTIONS request is not answered here
};

/// Adds the headers of an actual request: Allow-Origin, Vary, Allow-Credentials, Expose-Headers.
void append_cors_headers(Response& response, Request const& request, CorsOptions const& options);

/// The headers of the answer to an OPTIONS request.
void append_preflight_headers(Response& response, Request const& request, CorsOptions const& options);
/// The whole answer.
Response preflight(Request const& request, CorsOptions const& options);

/// No browser's request, or that of a page which `options` allow (nullptr: none), or one of this host's own.
bool is_origin_allowed(Request const& request, CorsOptions const* options);

/// Adds `name` to the response's Vary header, unless it stands there.
void append_vary(Response& response, Bytes name);

}  // namespace chorus::http
