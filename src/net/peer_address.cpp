#include "net/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace chorus::net {

PeerAddress PeerAddress::from(sockaddr const* address) {
  PeerAddress peer;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    peer.family = Family::v4;
    peer.port = ntohs(v4.sin_port);
    std::memcpy(peer.bytes.data(), &v4.sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    peer.port = ntohs(v6.sin6_port);
    bool const mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    peer.family = mapped ? Family::v4 : Family::v6;
    auto const* bytes = v6.sin6_addr.s6_addr;
    std::copy(bytes + (mapped ? 12 : 0), bytes + 16, peer.bytes.begin());
  }
  return peer;
}

PeerAddress PeerAddress::of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::getpeername(descriptor, generic, &size) != 0) return {};
  return from(generic);
}

std::string PeerAddress::host() const {
  if (family == Family::none) return {};
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

std::string PeerAddress::to_string() const {
  if (family == Family::none) return {};
  std::string const name = host();
  return (family == Family::v4 ? name : "[" + name + "]") + ":" + std::to_string(port);
}

}  // namespace chorus::net
