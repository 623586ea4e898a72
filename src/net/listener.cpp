#include "net/listener.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/bytes.hpp"
#include "net/peer_address.hpp"
#include "net/port_holder.hpp"

namespace chorus::net {

namespace {

// With port 0 the kernel picks a port for the first address; the others may find it taken. Then another one is tried.
constexpr int port_attempts_max = 10;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
  bool is_v6() const { return storage.ss_family == AF_INET6; }
  void set_port(std::uint16_t port) {
    // sockaddr_in and sockaddr_in6 keep the port at the same place.
    std::uint16_t const in_network_order = htons(port);
    std::memcpy(reinterpret_cast<char*>(&storage) + offsetof(sockaddr_in, sin_port), &in_network_order, 2);
  }
};
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

Address bound_address(int descriptor) {
  Address address;
  address.size = sizeof address.storage;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return address;
}

std::string reason_of(int code) { return std::generic_category().message(code); }

ListenError port_error(ListenOptions const& options, std::uint16_t port, int code) {
  ListenError error{
      .key = "port", .value = std::to_string(port), .code = code, .reason = reason_of(code), .holder = {}};
  if (code == EADDRINUSE) error.holder = holder_of_port(port);
  // The address is not ours, or of a family the machine does not have: the host is to blame.
  if (code == EADDRNOTAVAIL || code == EAFNOSUPPORT) {
    error.key = "host";
    error.value = options.host;
  }
  return error;
}

// "localhost" is asked of no resolver: both loopbacks, IPv4 first.
Result<std::vector<Address>, ListenError> resolve(ListenOptions const& options) {
  bool const localhost = equals_ignoring_case(options.host, "localhost");
  std::vector<Address> addresses;
  for (char const* name : {localhost ? "127.0.0.1" : options.host.c_str(), "::1"}) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | (localhost ? AI_NUMERICHOST : 0);
    addrinfo* list = nullptr;
    int const failure = ::getaddrinfo(name, "0", &hints, &list);
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const owner(list, [](addrinfo* l) {
      if (l != nullptr) ::freeaddrinfo(l);
    });
    if (failure != 0) {
      int const code = failure == EAI_SYSTEM ? errno : 0;
      return ListenError{"host", options.host, code, code != 0 ? reason_of(code) : ::gai_strerror(failure), {}};
    }
    for (addrinfo const* entry = list; entry != nullptr; entry = entry->ai_next) {
      if (entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
      Address& address = addresses.emplace_back();
      std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
      address.size = entry->ai_addrlen;
    }
    if (!localhost) break;
  }
  return addresses;
}

void set_option(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

// The descriptor, or -errno.
int listen_on(Address const& address, bool also_v4, int backlog) {
  FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return -errno;
  // A restart must not wait for the TIME_WAIT connections of the one before.
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.is_v6()) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, also_v4 ? 0 : 1);
  if (::bind(socket.get(), address.get(), address.size) != 0) return -errno;
  if (::listen(socket.get(), backlog) != 0) return -errno;
  return socket.release();
}

// "::" alone takes IPv4 too; beside an own IPv4 socket it must not.
bool takes_v4_too(std::vector<Address> const& addresses) { return addresses.size() == 1; }

bool may_be_missing(ListenOptions const& options, Address const& address, int code) {
  return address.is_v6() && equals_ignoring_case(options.host, "localhost") &&
         (code == EADDRNOTAVAIL || code == EAFNOSUPPORT);
}

/// All of `addresses` on one port. With port 0: EADDRINUSE means that the picked port is free on some of them only.
Result<std::vector<FileDescriptor>, ListenError> listen_on_all(ListenOptions const& options,
                                                               std::vector<Address> addresses) {
  std::vector<FileDescriptor> sockets;
  std::uint16_t port = options.port;
  for (Address& address : addresses) {
    address.set_port(port);
    int const descriptor = listen_on(address, takes_v4_too(addresses), options.backlog);
    if (descriptor < 0) {
      if (may_be_missing(options, address, -descriptor) && !sockets.empty()) continue;
      return port_error(options, port, -descriptor);
    }
    sockets.emplace_back(descriptor);
    if (port == 0) port = PeerAddress::from(bound_address(descriptor).get()).port;
  }
  return sockets;
}

}  // namespace

std::string ListenError::message() const {
  std::string text = "cannot listen: " + key + " = " + printable(value) + ": " + reason;
  if (!holder.empty()) text += ", held by " + holder;
  return text;
}

Result<Listener, ListenError> Listener::open(ListenOptions const& options) {
  auto addresses = resolve(options);
  if (!addresses) return std::move(addresses).error();
  for (int attempt = 1;; ++attempt) {
    auto sockets = listen_on_all(options, *addresses);
    if (sockets) return Listener(std::move(*sockets));
    bool const again = options.port == 0 && sockets.error().code == EADDRINUSE && attempt < port_attempts_max;
    if (!again) return std::move(sockets).error();
  }
}

Listener Listener::of(std::vector<FileDescriptor> sockets) { return Listener(std::move(sockets)); }

Listener::Listener(std::vector<FileDescriptor> sockets) : sockets_(std::move(sockets)) {
  for (FileDescriptor const& socket : sockets_) {
    // Another worker may be faster: accepting must not wait, whoever opened the socket.
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    // Accepted sockets inherit it. A frame is written in one piece: there is nothing to wait for.
    set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    PeerAddress const bound = PeerAddress::from(bound_address(socket.get()).get());
    addresses_.push_back(bound.to_string());
    if (port_ == 0) port_ = bound.port;
  }
}

}  // namespace chorus::net
