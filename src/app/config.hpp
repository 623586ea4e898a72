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

/// Who may look at the server with the Admin UI, and do what.
struct AdminUi {
  std::string user;  ///< empty: nobody
  std::string password_hash;
  bool readonly = false;
  bool production = false;
};

/// An immutable value once it was read. Thread: any.
struct Config {
  ServerOptions server;
  Language language = Language::english;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
  std::string log_debug;  ///< as set_debug_areas() has it
  /// Nothing: the development mode, which takes any token.
  std::optional<JwtVerifier> verifier;
  std::chrono::seconds token_leeway{60};
  /// The development mode was asked for by name.
  bool dev_tokens = false;
  AdminUi admin;

  unsigned processes = 1;
  /// So often the files of TLS are looked at; zero: never.
  std::chrono::milliseconds tls_watch_interval{10'000};
  /// Until a process is ready; later, it is killed.
  std::chrono::milliseconds start_timeout{30'000};
  bool supervised = true;
  /// Replace the own older instance on the port.
  bool takeover = false;
  /// Where Redis is; empty: none, or a private one for several processes. In a supervised process: what its supervisor
  /// says.
  std::string redis;
};

/// `chorus status`
struct StatusQuery {
  std::uint16_t port = default_port;
  bool json = false;
};

}  // namespace chorus::app
