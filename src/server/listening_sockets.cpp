#include "server/listening_sockets.hpp"

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

namespace chorus::server {
namespace {

bool listens(int descriptor) {
  int answer = 0;
  socklen_t size = sizeof answer;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0;
}

}  // namespace

net::Listener open_listener(std::string const& host, std::uint16_t port) {
  auto opened = net::Listener::open({host, port});
  if (opened.has_error()) throw std::runtime_error(opened.error().message());
  return std::move(*opened);
}

net::Listener adopt_listener(std::vector<int> const& descriptors) {
  std::vector<net::FileDescriptor> sockets;
  for (int const descriptor : descriptors) sockets.emplace_back(descriptor);
  for (int const descriptor : descriptors)
    if (!listens(descriptor))
      throw std::runtime_error("descriptor " + std::to_string(descriptor) + " is no listening socket");
  return net::Listener::of(std::move(sockets));
}

std::vector<int> ListeningSockets::descriptors() const {
  std::vector<int> descriptors;
  for (auto const& socket : listener_.sockets()) descriptors.push_back(socket.get());
  return descriptors;
}

}  // namespace chorus::server
