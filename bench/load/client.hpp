// One Socket.IO client over a WebSocket: its way in, its frames, its bytes.
#pragma once
#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// Where to connect, and what the request says.
struct Target {
  sockaddr_in address{};
  std::string host;         ///< for the Host header
  std::string join = "40";  ///< the packet that enters the namespace
};
/// Throws std::runtime_error when the host is no IPv4 address.
Target target_at(std::string const& host, std::uint16_t port);

/// Engine.IO 4 and Socket.IO 5 as a stock client speaks them with `transports: ["websocket"]`, in one namespace.
/// Does the I/O of its own descriptor; who waits for it is the Fleet's business.
class Client {
 public:
  enum class State : std::uint8_t { idle, connecting, upgrading, opening, joining, ready };

  /// Called for each Socket.IO packet that comes in once the client is ready: its text without the '4'.
  class Sink {
   public:
    virtual void on_packet(std::size_t client, std::string_view packet) = 0;

   protected:
    ~Sink() = default;
  };

  Client() = default;
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;

  /// Begins to connect. The target outlives the client. Throws std::runtime_error, as all below do when the connection
  /// breaks: a lost connection ends the measurement.
  void connect(Target const& target, std::string const& query);
  State state() const { return state_; }
  int descriptor() const { return descriptor_; }

  void on_writable(std::string const& query);
  /// Reads once, and hands on what is complete.
  void on_readable(std::size_t index, Sink& sink);

  /// One Socket.IO packet; goes out with the next flush().
  void send_packet(std::string_view packet, std::uint32_t mask);
  bool has_output() const { return !out_.empty(); }
  void flush();

 private:
  void take(std::string_view bytes, std::size_t index, Sink& sink);
  std::size_t take_http(std::string_view bytes);
  void on_text(std::string_view text, std::size_t index, Sink& sink);

  Target const* target_ = nullptr;
  int descriptor_ = -1;
  State state_ = State::idle;
  std::string in_;   // an incomplete frame
  std::string out_;  // what is not with the kernel yet
};

}  // namespace load
