// Who is at the other end of a connection.
#pragma once
#include <array>
#include <cstdint>
#include <string>

struct sockaddr;

namespace chorus::net {

/// An IP address and a port as a plain value; `none` for everything that is not IP (a Unix socket, a pair).
struct PeerAddress {
  enum class Family : std::uint8_t { none, v4, v6 };

  Family family = Family::none;
  std::uint16_t port = 0;
  /// Network order; v4 uses the first four. A v4 address mapped into v6 (::ffff:a.b.c.d) is kept as v4.
  std::array<std::uint8_t, 16> bytes{};

  static PeerAddress from(sockaddr const* address);
  /// Of the connected socket `descriptor`; `none` when it is not connected (any more).
  static PeerAddress of(int descriptor);

  /// "192.0.2.1", "2001:db8::1", "" for none.
  std::string host() const;
  /// "192.0.2.1:80", "[2001:db8::1]:80", "" for none.
  std::string to_string() const;

  friend bool operator==(PeerAddress const&, PeerAddress const&) = default;
};

}  // namespace chorus::net
