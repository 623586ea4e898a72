// Where a Redis is and how to be let in, as one line says it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace chorus::cluster::redis {

struct RedisUrl {
  enum class Transport : std::uint8_t { tcp, tls, unix_socket };

  static constexpr std::uint16_t default_port = 6379;

  Transport transport = Transport::tcp;
  std::string host = "127.0.0.1";  ///< a name or an address, without the brackets of an IPv6 literal
  std::uint16_t port = default_port;
  std::string path;  ///< of the Unix socket
  std::string user;  ///< empty: the password alone is sent
  std::optional<std::string> password;
  std::uint32_t database = 0;

  /// For logs: in the form that was parsed, with `***` for the password.
  std::string to_text() const;
};

/// Why a text is no URL of a Redis: a sentence for whoever wrote it, without anything of what may be the password.
struct RedisUrlError {
  std::string sentence;
};
CHORUS_ERROR_ENUM(RedisUrlError)

/// `redis://[[user]:password@]host[:port][/database]`, `rediss://…` (the same over TLS),
/// `unix://[[user]:password@]/path/of.sock[?db=N]` (also `redis+unix://`). User, password and path may be
/// percent-encoded, and must be where they hold `/`, `?`, `#`, `@`, `%` or (in a user) `:`.
Result<RedisUrl, RedisUrlError> parse_redis_url(Bytes text);

}  // namespace chorus::cluster::redis
