// Blocking clients for loopback tests: HTTP requests and Socket.IO over a WebSocket, as bytes on a real socket.
//
// Every call gives up after `patience` with an exception that says what was awaited, so that no test hangs.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chorus::testing {

inline constexpr std::chrono::seconds patience{20};

/// A TCP connection to 127.0.0.1.
class Connection {
 public:
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;

  void write(std::string_view bytes);
  /// Whatever is there next, at least one byte; empty at the end of the stream (or a reset).
  std::string read_some();
  std::string read_exactly(std::size_t size);
  /// Up to and including `end`.
  std::string read_until(std::string_view end);
  /// True when the peer ends the stream, whatever it sends before.
  bool ends();
  /// No more from us; the other direction stays.
  void half_close();
  void close();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
  std::string buffer_;
};

struct Reply {
  int status = 0;
  std::string head;
  std::string body;
};

/// Writes a request without waiting for its answer.
void write_request(Connection& connection, std::string_view method, std::string_view target, std::string_view body = {},
                   std::string_view headers = {});
Reply read_reply(Connection& connection);
/// One request over an own connection.
Reply request(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body = {});

/// "/socket.io/?EIO=4&transport=polling<extra>"
std::string polling_path(std::string_view extra = {});
/// Opens a polling session; its sid.
std::string open_polling(std::uint16_t port, std::string_view extra_query = {});
/// The same, connected to the default namespace.
std::string connect_polling(std::uint16_t port, std::string_view extra_query = {});

/// A Socket.IO client over a WebSocket: text messages in order, pings answered on the way.
class WebSocketClient {
 public:
  /// Direct session; `extra_query` such as "&worker=2", `headers` whole lines.
  explicit WebSocketClient(std::uint16_t port, std::string_view extra_query = {}, std::string_view headers = {});
  /// A WebSocket on a path of one's own, nothing read yet.
  static WebSocketClient raw(std::uint16_t port, std::string_view target, std::string_view headers = {});

  /// One that has probed for a polling session: "5" makes it its transport.
  static WebSocketClient probe(std::uint16_t port, std::string_view sid);

  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  /// `opcode`: with reserved bits, if it has some.
  void send_frame(int opcode, std::string_view payload);
  /// The next Engine.IO packet but pings; throws when the connection ends.
  std::string receive();
  /// The next frame, whatever it is: its first byte and payload.
  std::pair<int, std::string> receive_frame();
  /// CONNECT to a namespace ("/" by default) and its answer, "40{...}".
  std::string connect(std::string_view nsp = "/", std::string_view auth = {});
  Connection& connection() { return connection_; }
  std::string const& sid() const { return sid_; }
  /// The head of the answer to its handshake.
  std::string const& handshake() const { return handshake_; }

 private:
  explicit WebSocketClient(Connection connection) : connection_(std::move(connection)) {}

  Connection connection_;
  std::string sid_;
  std::string handshake_;
};

/// The value of a string member in a JSON text, found by its name: enough for "sid".
std::string member(std::string_view json, std::string_view name);

}  // namespace chorus::testing
