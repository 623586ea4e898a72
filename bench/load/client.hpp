// One Socket.IO client: its socket and its bytes. How it speaks is its transport's: WebSocketClient, PollingClient.
#pragma once
#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "load/tls_end.hpp"

namespace load {

/// Where to connect, and what the first words are.
struct Target {
  sockaddr_in address{};
  std::string host;                           ///< for the Host header
  std::string join = "40";                    ///< the packet that enters the namespace
  std::shared_ptr<ssl_ctx_st> tls = nullptr;  ///< nullptr: not encrypted
};
/// Throws std::runtime_error when the host is no IPv4 address.
Target target_at(std::string const& host, std::uint16_t port);

/// Engine.IO 4 and Socket.IO 5 as a stock client speaks them over a single transport, in one namespace.
/// Does the I/O of its own descriptor; who waits for it is the Fleet's business.
class Client {
 public:
  enum class State : std::uint8_t { idle, connecting, opening, ready };

  /// Called for each Socket.IO packet that comes in once the client is ready: its text without the '4'.
  class Sink {
   public:
    virtual void on_packet(std::size_t client, std::string_view packet) = 0;

   protected:
    ~Sink() = default;
  };

  Client() = default;
  virtual ~Client();
  Client(Client const&) = delete;
  Client& operator=(Client const&) = delete;

  /// Begins to connect. The target outlives the client. `query` is appended to the request: empty, or `&name=value`.
  /// Throws std::runtime_error, as all below do when the connection breaks: a lost connection ends the measurement.
  void connect(Target const& target, std::string const& query);
  State state() const { return state_; }
  int descriptor() const { return descriptor_; }

  void on_writable();
  /// Reads once, and hands on what is complete.
  void on_readable(std::size_t index, Sink& sink);

  /// One Socket.IO packet; goes out with the next flush(). `mask` is for a frame, if it becomes one.
  virtual void send_packet(std::string_view packet, std::uint32_t mask) = 0;
  /// Something waits for the kernel to take it.
  bool has_output() const { return !(tls_ ? encrypted_ : out_).empty(); }
  void flush();

 protected:
  virtual std::string first_request(std::string const& query) const = 0;
  /// What came: how many bytes of it are done with. The rest comes again, with more behind it.
  virtual std::size_t take(std::string_view bytes, std::size_t index, Sink& sink) = 0;

  [[noreturn]] static void broken(std::string const& what);
  Target const& target() const { return *target_; }
  void set_ready() { state_ = State::ready; }

  std::string out_;  // what is not with the kernel yet; over TLS: not encrypted yet

 private:
  void take_plaintext(std::string_view fresh, std::size_t index, Sink& sink);

  Target const* target_ = nullptr;
  int descriptor_ = -1;
  State state_ = State::idle;
  std::string in_;  // what is incomplete
  std::unique_ptr<TlsEnd> tls_;
  std::string encrypted_;  // what is not with the kernel yet
};

}  // namespace load
