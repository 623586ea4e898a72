#include "load/client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

constexpr std::size_t read_size = 256 * 1024;

}  // namespace

Target target_at(std::string const& host, std::uint16_t port) {
  Target target;
  target.host = host + ":" + std::to_string(port);
  target.address.sin_family = AF_INET;
  target.address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &target.address.sin_addr) != 1)
    throw std::runtime_error("--host: \"" + host + "\" is no IPv4 address");
  return target;
}

Client::~Client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Client::broken(std::string const& what) { throw std::runtime_error("a connection broke: " + what); }

void Client::connect(Target const& target, std::string const& query) {
  target_ = &target;
  out_ = first_request(query);
  if (target.tls) tls_ = std::make_unique<TlsEnd>(target.tls);
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) broken(std::string("socket: ") + std::strerror(errno));
  int const on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  state_ = State::connecting;
  auto const* const address = reinterpret_cast<sockaddr const*>(&target.address);
  if (::connect(descriptor_, address, sizeof target.address) == 0) return on_writable();
  if (errno != EINPROGRESS) broken(std::string("connect: ") + std::strerror(errno));
}

void Client::on_writable() {
  if (state_ == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) broken(std::string("connect: ") + std::strerror(error));
    state_ = State::opening;
  }
  flush();
}

void Client::flush() {
  if (tls_) tls_->give(out_, encrypted_);
  std::string& ready = tls_ ? encrypted_ : out_;
  while (!ready.empty()) {
    ssize_t const sent = ::send(descriptor_, ready.data(), ready.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) broken(std::string("send: ") + std::strerror(errno));
    if (static_cast<std::size_t>(sent) == ready.size()) return ready.clear();
    ready.erase(0, static_cast<std::size_t>(sent));
  }
}

void Client::on_readable(std::size_t index, Sink& sink) {
  static std::array<char, read_size> buffer;
  ssize_t const size = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return;
  if (size < 0) broken(std::string("recv: ") + std::strerror(errno));
  if (size == 0) broken("the server closed it");
  std::string_view const fresh(buffer.data(), static_cast<std::size_t>(size));
  if (!tls_) return take_plaintext(fresh, index, sink);
  static std::string plaintext;
  plaintext.clear();
  tls_->take(fresh, plaintext);
  if (!plaintext.empty()) take_plaintext(plaintext, index, sink);
}

void Client::take_plaintext(std::string_view fresh, std::size_t index, Sink& sink) {
  if (!in_.empty()) {
    in_.append(fresh);
    in_.erase(0, take(in_, index, sink));
    return;
  }
  std::size_t const used = take(fresh, index, sink);
  if (used < fresh.size()) in_.assign(fresh.substr(used));
}

}  // namespace load
