#include "load/client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "load/client_frames.hpp"

namespace load {
namespace {

constexpr std::size_t read_size = 256 * 1024;
constexpr std::uint32_t control_mask = 0x5a17c3e9;  // for what is not measured any mask will do

[[noreturn]] void broken(std::string const& what) { throw std::runtime_error("a connection broke: " + what); }
[[noreturn]] void broken_by_error(char const* what, int error) {
  broken(std::string(what) + ": " + std::strerror(error));
}

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

Client::Client(Client&& other) noexcept
    : target_(other.target_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      state_(other.state_),
      in_(std::move(other.in_)),
      out_(std::move(other.out_)) {}

void Client::connect(Target const& target, std::string const& query) {
  target_ = &target;
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) broken_by_error("socket", errno);
  int const on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  state_ = State::connecting;
  auto const* const address = reinterpret_cast<sockaddr const*>(&target.address);
  if (::connect(descriptor_, address, sizeof target.address) == 0) return on_writable(query);
  if (errno != EINPROGRESS) broken_by_error("connect", errno);
}

void Client::on_writable(std::string const& query) {
  if (state_ != State::connecting) return flush();
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) broken_by_error("connect", error);
  state_ = State::upgrading;
  out_ = "GET /socket.io/?EIO=4&transport=websocket" + query + " HTTP/1.1\r\nHost: " + target_->host +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  flush();
}

void Client::flush() {
  while (!out_.empty()) {
    ssize_t const sent = ::send(descriptor_, out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) broken_by_error("send", errno);
    if (static_cast<std::size_t>(sent) == out_.size()) return out_.clear();
    out_.erase(0, static_cast<std::size_t>(sent));
  }
}

void Client::send_packet(std::string_view packet, std::uint32_t mask) {
  append_frame(out_, Opcode::text, packet, mask);
}

void Client::on_readable(std::size_t index, Sink& sink) {
  static std::array<char, read_size> buffer;
  ssize_t const size = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return;
  if (size < 0) broken_by_error("recv", errno);
  if (size == 0) broken("the server closed it");
  std::string_view const fresh(buffer.data(), static_cast<std::size_t>(size));
  if (in_.empty()) return take(fresh, index, sink);
  in_.append(fresh);
  std::string const all = std::exchange(in_, {});
  take(all, index, sink);
}

void Client::take(std::string_view bytes, std::size_t index, Sink& sink) {
  if (state_ == State::upgrading) bytes.remove_prefix(take_http(bytes));
  if (state_ != State::upgrading) {
    while (auto const frame = read_frame(bytes)) {
      bytes.remove_prefix(frame->size);
      if (frame->opcode == Opcode::text) on_text(frame->payload, index, sink);
      if (frame->opcode == Opcode::ping) append_frame(out_, Opcode::pong, frame->payload, control_mask);
      if (frame->opcode == Opcode::close) broken("the server said so");
    }
  }
  if (!bytes.empty()) in_.assign(bytes);
}

std::size_t Client::take_http(std::string_view bytes) {
  auto const end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!bytes.starts_with("HTTP/1.1 101 ")) broken("no upgrade: " + std::string(bytes.substr(0, bytes.find('\r'))));
  state_ = State::opening;
  return end + 4;
}

void Client::on_text(std::string_view text, std::size_t index, Sink& sink) {
  if (text.empty()) return;
  switch (text.front()) {
    case '0':
      state_ = State::joining;
      return append_frame(out_, Opcode::text, target_->join, control_mask);
    case '2':
      return append_frame(out_, Opcode::text, "3", control_mask);
    case '4':
      if (state_ == State::ready) return sink.on_packet(index, text.substr(1));
      if (!text.starts_with("40")) broken("not admitted: " + std::string(text));
      state_ = State::ready;
      return;
    default:
      return;
  }
}

}  // namespace load
