// Config: what the program was asked to be.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "app/jwt_verifier.hpp"
#include "app/texts.hpp"
#include "base/log.hpp"
#include "chorus/server.hpp"

namespace chorus::app {

enum class LogFormat { text, json };

inline constexpr std::uint16_t default_port = 7999;

/// An immutable value once it was read. Thread: any.
struct Config {
  ServerOptions server;
  Language language = Language::english;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
  /// Nothing: the development mode, which takes any token.
  std::optional<JwtVerifier> verifier;
  std::chrono::seconds token_leeway{60};
  /// The development mode was asked for by name.
  bool dev_tokens = false;
};

}  // namespace chorus::app
