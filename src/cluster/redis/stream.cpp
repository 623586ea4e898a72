#include "cluster/redis/stream.hpp"

#include <openssl/ssl.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "cluster/redis/receive_buffer.hpp"

namespace chorus::cluster::redis {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using Endpoint = asio::generic::stream_protocol::endpoint;

/// What happens in one turn at most: the owner's own work must not wait for a flood to end.
constexpr int turn_events_max = 64;
/// Of an output's memory; more is given back when it was written.
constexpr std::size_t output_kept_max = 1u << 20;

asio::ssl::context make_tls_context(TlsOptions const& options) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code error;
  if (options.ca_file.empty()) {
    context.set_default_verify_paths(error);  // where there is none, no certificate will be trusted
  } else if (context.load_verify_file(options.ca_file, error)) {
    throw std::runtime_error("the CA file for Redis, " + options.ca_file + ", cannot be read: " + error.message());
  }
  context.set_verify_mode(options.verify_certificate ? asio::ssl::verify_peer : asio::ssl::verify_none);
  return context;
}

std::string reason_of(error_code error) {
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return "the connection was closed";
  return error.message();
}

}  // namespace

struct StreamLoop::Body {
  explicit Body(TlsOptions const& tls) : tls_context(make_tls_context(tls)), verify(tls.verify_certificate) {}

  asio::ssl::context tls_context;
  bool verify;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> always_busy{io.get_executor()};
};

StreamLoop::StreamLoop(TlsOptions const& tls) : body_(std::make_unique<Body>(tls)) {}
StreamLoop::~StreamLoop() = default;

void StreamLoop::run_turn(TimePoint deadline) {
  if (body_->io.run_one_until(deadline) == 0) return;
  for (int i = 1; i < turn_events_max && body_->io.poll_one() != 0; ++i) {
  }
}

void StreamLoop::wake() {
  asio::post(body_->io, [] {});
}

/// Kept alive by whatever is under way. `events` is null from the end on.
struct Stream::Body : std::enable_shared_from_this<Stream::Body> {
  Body(StreamLoop::Body& l, StreamEvents& e) : loop(l), resolver(l.io), socket(l.io), events(&e) {}

  void open(RedisUrl const& url);
  void connect_next();
  void shake_hands();
  void opened();
  void receive();
  void received(error_code error, std::size_t size);
  void hold(bool on);
  void flush();
  void write_rest(std::size_t written);
  void wrote(error_code error, std::size_t written);
  void close();
  void end(std::string const& reason);

  /// A handler that does nothing once the stream has ended.
  template <class F>
  auto guarded(F f) {
    return [self = shared_from_this(), f = std::move(f)](error_code error, auto&&... values) {
      if (self->events != nullptr) f(error, values...);
    };
  }

  StreamLoop::Body& loop;
  asio::ip::tcp::resolver resolver;
  Socket socket;
  std::optional<asio::ssl::stream<Socket&>> tls;
  StreamEvents* events;
  std::string host;  // for TLS; empty without
  std::vector<Endpoint> endpoints;
  std::size_t next_endpoint = 0;
  error_code last_error = asio::error::host_not_found;
  ReceiveBuffer buffer;
  std::string output;
  std::string in_write;
  bool is_open = false;
  bool held = false;
  bool reading = false;  // until what was read is consumed
  bool writing = false;
};

void Stream::Body::open(RedisUrl const& url) {
  if (url.transport == RedisUrl::Transport::unix_socket) {
    endpoints.emplace_back(asio::local::stream_protocol::endpoint(url.path));
    return connect_next();
  }
  if (url.transport == RedisUrl::Transport::tls) host = url.host;
  resolver.async_resolve(url.host, std::to_string(url.port), asio::ip::tcp::resolver::numeric_service,
                         guarded([this](error_code error, asio::ip::tcp::resolver::results_type const& results) {
                           if (error) return end("the host is not found: " + error.message());
                           for (auto const& result : results) endpoints.emplace_back(result.endpoint());
                           connect_next();
                         }));
}

void Stream::Body::connect_next() {
  if (next_endpoint == endpoints.size()) return end("no connection: " + last_error.message());
  error_code ignored;
  socket.close(ignored);
  socket.async_connect(endpoints[next_endpoint++], guarded([this](error_code error) {
                         if (!error) return shake_hands();
                         last_error = error;
                         connect_next();
                       }));
}

void Stream::Body::shake_hands() {
  error_code ignored;
  if (socket.local_endpoint(ignored).protocol().family() != AF_UNIX) {
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  if (host.empty()) return opened();
  tls.emplace(socket, loop.tls_context);
  error_code no_address;
  asio::ip::make_address(host, no_address);
  if (no_address) SSL_set_tlsext_host_name(tls->native_handle(), host.c_str());
  if (loop.verify) tls->set_verify_callback(asio::ssl::host_name_verification(host));
  tls->async_handshake(
      asio::ssl::stream_base::client, guarded([this](error_code error) {
        if (!error) return opened();
        long const verdict = ::SSL_get_verify_result(tls->native_handle());
        end("no TLS: " + reason_of(error) +
            (verdict == X509_V_OK ? std::string()
                                  : std::string(" (") + ::X509_verify_cert_error_string(verdict) + ")"));
      }));
}

void Stream::Body::opened() {
  is_open = true;
  events->on_open();
  if (events == nullptr) return;
  receive();
  flush();
}

void Stream::Body::receive() {
  if (!is_open || held || events == nullptr || std::exchange(reading, true)) return;
  MutableBytes const room = buffer.room();
  auto handler = guarded([this](error_code error, std::size_t size) { received(error, size); });
  if (tls) {
    tls->async_read_some(asio::buffer(room.data(), room.size()), std::move(handler));
  } else {
    socket.async_read_some(asio::buffer(room.data(), room.size()), std::move(handler));
  }
}

void Stream::Body::received(error_code error, std::size_t size) {
  if (error) return end(reason_of(error));
  buffer.filled(size);
  buffer.consume(events->on_bytes(buffer.bytes()));
  reading = false;
  receive();
}

void Stream::Body::hold(bool on) {
  held = on;
  receive();
}

void Stream::Body::flush() {
  if (!is_open || writing || output.empty() || events == nullptr) return;
  writing = true;
  in_write.clear();
  if (in_write.capacity() > output_kept_max) in_write = std::string();
  in_write.swap(output);
  write_rest(0);
}

void Stream::Body::write_rest(std::size_t written) {
  auto const rest = asio::buffer(in_write.data() + written, in_write.size() - written);
  auto handler = guarded([this, written](error_code error, std::size_t size) { wrote(error, written + size); });
  if (tls) {
    tls->async_write_some(rest, std::move(handler));
  } else {
    socket.async_write_some(rest, std::move(handler));
  }
}

void Stream::Body::wrote(error_code error, std::size_t written) {
  if (error) return end(reason_of(error));
  if (written < in_write.size()) return write_rest(written);
  writing = false;
  flush();
}

void Stream::Body::close() {
  events = nullptr;
  resolver.cancel();
  error_code ignored;
  socket.close(ignored);
}

void Stream::Body::end(std::string const& reason) {
  StreamEvents& told = *events;
  close();
  told.on_end(reason);
}

Stream::Stream(StreamLoop& loop, RedisUrl const& url, StreamEvents& events)
    : body_(std::make_shared<Body>(*loop.body_, events)) {
  // In a turn of its own: no event comes before the owner has the stream.
  asio::post(loop.body_->io, [body = body_, url] {
    if (body->events != nullptr) body->open(url);
  });
}

Stream::~Stream() { body_->close(); }

std::string& Stream::output() { return body_->output; }
void Stream::flush() { body_->flush(); }
void Stream::hold(bool held) { body_->hold(held); }
bool Stream::writing() const { return body_->writing || !body_->output.empty(); }

}  // namespace chorus::cluster::redis
