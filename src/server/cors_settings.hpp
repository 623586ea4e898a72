// The option `cors` as the HTTP layer wants it.
#pragma once
#include <optional>

#include "chorus/engine.hpp"
#include "http/cors.hpp"

namespace chorus::server {

/// Nothing while no origin is allowed. Throws std::runtime_error with a sentence for a pattern that is no regular
/// expression.
std::optional<http::CorsOptions> cors_options(CorsSettings const& settings);

}  // namespace chorus::server
