#include "app/supervisor/control_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace chorus::app {
namespace {

constexpr int waiting_max = 16;

std::optional<sockaddr_un> address_of(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

sockaddr const* generic(sockaddr_un const& address) { return reinterpret_cast<sockaddr const*>(&address); }

[[noreturn]] void fail(std::string const& path, int code) {
  throw std::runtime_error("the control socket " + path + " cannot be made: " + std::generic_category().message(code));
}

bool may_ask(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace

ControlSocket ControlSocket::put_at(std::string path) {
  // Made beside its place and moved there, so that who asks meanwhile finds the old one or the new one.
  auto const beside = path + "." + std::to_string(::getpid());
  auto const address = address_of(beside);
  if (!address) fail(path, ENAMETOOLONG);
  server::FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) fail(path, errno);
  ::unlink(beside.c_str());
  if (::bind(socket.get(), generic(*address), sizeof *address) != 0) fail(path, errno);
  if (::listen(socket.get(), waiting_max) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
    int const code = errno;
    ::unlink(beside.c_str());
    fail(path, code);
  }
  return ControlSocket(std::move(path), std::move(socket));
}

ControlSocket::ControlSocket(std::string path, server::FileDescriptor socket)
    : path_(std::move(path)), socket_(std::move(socket)) {
  struct stat own {};
  if (::lstat(path_.c_str(), &own) != 0) return;
  device_ = own.st_dev;
  inode_ = own.st_ino;
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      socket_(std::move(other.socket_)),
      device_(other.device_),
      inode_(other.inode_) {}

ControlSocket& ControlSocket::operator=(ControlSocket&& other) noexcept {
  if (this == &other) return *this;
  remove_own_file();
  path_ = std::exchange(other.path_, {});
  socket_ = std::move(other.socket_);
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

ControlSocket::~ControlSocket() { remove_own_file(); }

void ControlSocket::remove_own_file() {
  struct stat found {};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
}

std::optional<Channel> ControlSocket::accept() {
  server::FileDescriptor connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection || !may_ask(connection.get())) return std::nullopt;
  return Channel(std::move(connection));
}

std::optional<Channel> connect_to_control(std::string const& path) {
  auto const address = address_of(path);
  if (!address) return std::nullopt;
  server::FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), generic(*address), sizeof *address) != 0) return std::nullopt;
  return Channel(std::move(socket));
}

}  // namespace chorus::app
