#include "app/network.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace chorus::app {
namespace {

/// RFC 1918: what home and office networks hand out.
bool is_private(in_addr const& address) {
  auto const a = ntohl(address.s_addr);
  return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8;
}

/// Bridges and tunnels of containers and virtual machines: no phone is on them.
bool is_virtual(std::string_view interface) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"docker", "br-", "veth", "virbr", "tun", "tap"},
                             [&](auto prefix) { return interface.starts_with(prefix); });
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  std::string const text(host);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

std::vector<std::string> lan_addresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return {};
  std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> const list(first, &freeifaddrs);
  std::vector<std::string> near, far;
  for (auto const* at = first; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    if ((at->ifa_flags & IFF_UP) == 0 || (at->ifa_flags & IFF_LOOPBACK) != 0 || is_virtual(at->ifa_name)) continue;
    sockaddr_in address{};
    std::memcpy(&address, at->ifa_addr, sizeof address);
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    (is_private(address.sin_addr) ? near : far).emplace_back(text);
  }
  near.insert(near.end(), far.begin(), far.end());
  return near;
}

std::size_t descriptor_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::size_t>(limit.rlim_cur) : 0;
}

}  // namespace chorus::app
