#include "http/forwarded.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "http/characters.hpp"

namespace chorus::http {
namespace {

constexpr std::size_t entries_max = 32;  // of a list, looked at from its end
constexpr std::size_t address_bytes_max = 45;

/// Without the port and the brackets that some proxies write.
Bytes address_in(Bytes entry) {
  entry = trimmed(entry);
  if (entry.starts_with('[')) return entry.substr(1, std::min(entry.find(']'), entry.size()) - 1);
  auto const colon = entry.find(':');
  bool const one_colon = colon != Bytes::npos && entry.find(':', colon + 1) == Bytes::npos;
  return one_colon ? entry.substr(0, colon) : entry;
}

}  // namespace

std::optional<Network::Address> Network::address_of(Bytes text) {
  if (text.size() > address_bytes_max) return std::nullopt;
  std::string const terminated(text);
  Address address{};
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  address[10] = address[11] = 0xff;
  if (::inet_pton(AF_INET, terminated.c_str(), address.data() + 12) == 1) return address;
  return std::nullopt;
}

std::optional<Network> Network::parse(Bytes text) {
  auto const slash = text.find('/');
  auto const address = address_of(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network;
  network.address_ = *address;
  if (slash == Bytes::npos) return network;
  bool const is_v4 = text.find(':') == Bytes::npos;
  unsigned const most = is_v4 ? 32 : 128;
  auto const digits = text.substr(slash + 1);
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), network.bits_);
  if (error != std::errc() || end != digits.data() + digits.size() || network.bits_ > most) return std::nullopt;
  network.bits_ += 128 - most;
  return network;
}

bool Network::contains(Bytes text) const {
  auto const address = address_of(text);
  if (!address) return false;
  std::size_t const whole = bits_ / 8;
  if (!std::equal(address_.begin(), address_.begin() + static_cast<std::ptrdiff_t>(whole), address->begin()))
    return false;
  unsigned const rest = bits_ % 8;
  return rest == 0 || (address_[whole] ^ (*address)[whole]) >> (8 - rest) == 0;
}

std::string client_address(Bytes peer, Bytes forwarded_for, std::vector<Network> const& trusted) {
  auto const is_proxy = [&trusted](Bytes address) {
    return std::ranges::any_of(trusted, [address](Network const& network) { return network.contains(address); });
  };
  std::string client(peer);
  for (std::size_t entries = 0; entries < entries_max && !forwarded_for.empty() && is_proxy(client); ++entries) {
    auto const comma = forwarded_for.rfind(',');
    auto const entry = address_in(comma == Bytes::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = comma == Bytes::npos ? Bytes() : forwarded_for.substr(0, comma);
    if (!Network::parse(entry) || entry.find('/') != Bytes::npos) break;
    client = entry;
  }
  return client;
}

}  // namespace chorus::http
