// Cross-origin resource sharing as Node's `cors` module answers it (Fetch standard, "CORS protocol").
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace chorus::http {

struct CorsOptions {
  enum class Origins {
    any,      ///< "*"
    list,     ///< those of `allowed_origins`, compared exactly; the origin that asked is named
    reflect,  ///< whoever asks
  };
  Origins origins = Origins::any;
  std::vector<std::string> allowed_origins = {};
  std::string methods = "GET,HEAD,PUT,PATCH,POST,DELETE";
  std::string allowed_headers = {};  ///< comma-separated; empty: what the preflight asks for
  std::string exposed_headers = {};  ///< comma-separated; empty: not sent
  bool credentials = false;
  std::optional<std::chrono::seconds> max_age = std::nullopt;
  int preflight_status = 204;
};

/// Adds the headers of an actual request: Allow-Origin, Vary, Allow-Credentials, Expose-Headers.
void append_cors_headers(Response& response, Request const& request, CorsOptions const& options);

/// The whole answer to an OPTIONS request.
Response preflight(Request const& request, CorsOptions const& options);

/// Adds `name` to the response's Vary header, unless it stands there.
void append_vary(Response& response, Bytes name);

}  // namespace chorus::http
