// Whose request it is, when it came through proxies: X-Forwarded-For, believed as far as it may be.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::http {

/// An IP network: those whose first `bits` bits are the same. An address of IPv4 is one of ::ffff:0:0/96.
class Network {
 public:
  /// `10.0.0.0/8`, `fd00::/8`, or one address; nothing for what is none of these.
  static std::optional<Network> parse(Bytes text);
  bool contains(Bytes address) const;

 private:
  using Address = std::array<std::uint8_t, 16>;
  static std::optional<Address> address_of(Bytes text);

  Address address_{};
  unsigned bits_ = 128;
};

/// The client's address, by a list that each proxy has put its own client at the end of: the last that is no trusted
/// proxy. `peer` alone is known for sure: when it is not trusted, nothing else counts. What is no address ends the
/// search.
std::string client_address(Bytes peer, Bytes forwarded_for, std::vector<Network> const& trusted);

}  // namespace chorus::http
