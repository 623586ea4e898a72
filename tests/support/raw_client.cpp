#include "support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace chorus::testing {
namespace {

void wait_readable(int descriptor) {
  pollfd poll_descriptor{descriptor, POLLIN, 0};
  auto const milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (::poll(&poll_descriptor, 1, static_cast<int>(milliseconds)) != 1)
    throw std::runtime_error("no bytes came in time");
}

}  // namespace

Connection::Connection(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  int const on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() { close(); }
Connection::Connection(Connection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}
Connection& Connection::operator=(Connection&& other) noexcept {
  close();
  descriptor_ = std::exchange(other.descriptor_, -1);
  buffer_ = std::move(other.buffer_);
  return *this;
}

void Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string Connection::read_some() {
  if (!buffer_.empty()) return std::exchange(buffer_, {});
  wait_readable(descriptor_);
  char bytes[16 * 1024];
  auto const n = ::recv(descriptor_, bytes, sizeof bytes, 0);
  return n > 0 ? std::string(bytes, static_cast<std::size_t>(n)) : std::string();
}

std::string Connection::read_exactly(std::size_t size) {
  std::string all;
  while (all.size() < size) {
    auto more = read_some();
    if (more.empty()) throw std::runtime_error("the connection ended too early");
    all += more;
  }
  buffer_ = all.substr(size);
  all.resize(size);
  return all;
}

std::string Connection::read_until(std::string_view end) {
  std::string all;
  for (;;) {
    if (auto const at = all.find(end); at != std::string::npos) {
      buffer_ = all.substr(at + end.size());
      all.resize(at + end.size());
      return all;
    }
    auto more = read_some();
    if (more.empty()) throw std::runtime_error("the connection ended too early, after: " + all);
    all += more;
  }
}

bool Connection::ends() {
  try {
    while (!read_some().empty()) {
    }
    return true;
  } catch (std::runtime_error const&) {
    return false;
  }
}

void Connection::half_close() { ::shutdown(descriptor_, SHUT_WR); }

void Connection::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

// ---- HTTP
// ------------------------------------------------------------------------------------------------------------

void write_request(Connection& connection, std::string_view method, std::string_view target, std::string_view body,
                   std::string_view headers) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
  if (!body.empty() || method == "POST")
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append("\r\n").append(body);
  connection.write(text);
}

Reply read_reply(Connection& connection) {
  Reply reply;
  reply.head = connection.read_until("\r\n\r\n");
  reply.status = std::stoi(reply.head.substr(9, 3));
  auto const at = reply.head.find("Content-Length: ");
  if (at != std::string::npos) reply.body = connection.read_exactly(std::stoul(reply.head.substr(at + 16)));
  return reply;
}

Reply request(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body) {
  Connection connection(port);
  write_request(connection, method, target, body, "Connection: close\r\n");
  return read_reply(connection);
}

std::string polling_path(std::string_view extra) {
  return std::string("/socket.io/?EIO=4&transport=polling").append(extra);
}

std::string open_polling(std::uint16_t port, std::string_view extra_query) {
  auto const reply = request(port, "GET", polling_path(extra_query));
  if (reply.status != 200) throw std::runtime_error("handshake: " + reply.body);
  return member(reply.body, "sid");
}

std::string connect_polling(std::uint16_t port, std::string_view extra_query) {
  auto sid = open_polling(port, extra_query);
  auto const path = polling_path("&sid=" + sid);
  request(port, "POST", path, "40");
  auto const reply = request(port, "GET", path);
  if (!reply.body.starts_with("40{")) throw std::runtime_error("not connected: " + reply.body);
  return sid;
}

// ---- WebSocket
// -------------------------------------------------------------------------------------------------------

WebSocketClient WebSocketClient::raw(std::uint16_t port, std::string_view target, std::string_view headers) {
  WebSocketClient client{Connection(port)};
  write_request(client.connection_, "GET", target, {},
                std::string("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
                    .append(headers));
  client.handshake_ = client.connection_.read_until("\r\n\r\n");
  if (!client.handshake_.starts_with("HTTP/1.1 101")) throw std::runtime_error("no upgrade: " + client.handshake_);
  return client;
}

WebSocketClient WebSocketClient::probe(std::uint16_t port, std::string_view sid) {
  auto client = raw(port, std::string("/socket.io/?EIO=4&transport=websocket&sid=").append(sid));
  client.send("2probe");
  if (auto const answer = client.receive(); answer != "3probe") throw std::runtime_error("no probe: " + answer);
  return client;
}

WebSocketClient::WebSocketClient(std::uint16_t port, std::string_view extra_query, std::string_view headers)
    : WebSocketClient(raw(port, std::string("/socket.io/?EIO=4&transport=websocket").append(extra_query), headers)) {
  auto const open = receive();
  if (open.empty() || open[0] != '0') throw std::runtime_error("no open packet: " + open);
  sid_ = member(open, "sid");
}

void WebSocketClient::send(std::string_view text) { send_frame(1, text); }
void WebSocketClient::send_binary(std::string_view bytes) { send_frame(2, bytes); }

void WebSocketClient::send_frame(int opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  } else {
    frame += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift);
  }
  char const key[4] = {0x11, 0x22, 0x33, 0x44};
  frame.append(key, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ key[i % 4]);
  connection_.write(frame);
}

std::pair<int, std::string> WebSocketClient::receive_frame() {
  auto const head = connection_.read_exactly(2);
  auto const byte = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
  std::size_t size = byte(head[1]);
  if (size == 126 || size == 127) {
    auto const more = connection_.read_exactly(size == 126 ? 2 : 8);
    size = 0;
    for (char c : more) size = size << 8 | byte(c);
  }
  return {static_cast<int>(byte(head[0])), connection_.read_exactly(size)};
}

std::string WebSocketClient::receive() {
  for (;;) {
    auto [first, payload] = receive_frame();
    if ((first & 15) == 8) throw std::runtime_error("the WebSocket was closed");
    if (payload != "2" || (first & 15) != 1) return payload;
    send("3");
  }
}

std::string WebSocketClient::connect(std::string_view nsp, std::string_view auth) {
  std::string packet = "40";
  if (nsp != "/") packet.append(nsp).append(",");
  send(packet.append(auth));
  return receive();
}

std::string member(std::string_view json, std::string_view name) {
  auto const key = std::string("\"").append(name).append("\":\"");
  auto const at = json.find(key);
  if (at == std::string_view::npos) throw std::runtime_error("no member in: " + std::string(json));
  auto const begin = at + key.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

}  // namespace chorus::testing
