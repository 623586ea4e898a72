// A server inside a program's own Boost.Asio loop. The one header of Chorus that includes Asio, which is the program's:
// it needs Boost's headers (1.78 or newer).
//
//   boost::asio::io_context context(1);
//   chorus::Server io({.port = 3000, .workers = 1});
//   chorus::AsioLoop loop(context, io);  // starts it
//   context.run();
//
// With one worker all of Chorus runs where the context runs: its handlers and the program's share what they like
// without a lock.
#pragma once
#include <fcntl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "chorus/server.hpp"

namespace chorus {

/// Starts a server (Server::start_embedded) and gives its worker 0 a turn whenever there is something to do.
///
/// Thread: the executor's. Where several threads run the context, give it a strand, and touch this object and stop the
/// server on that strand only. Lifetime: longer than the context's run; the server outlives it. Stopping, and the end
/// of this object, belong outside of the server's handlers: post them, or let a signal_set of the same executor do it.
/// Errors: as Server::start; std::system_error when there is no descriptor left.
class AsioLoop {
 public:
  /// Starts the server; its worker 0 has its turns on this executor.
  AsioLoop(boost::asio::any_io_executor executor, Server& server) : server_(server) {
    int const own = ::fcntl(server.start_embedded(), F_DUPFD_CLOEXEC, 0);
    if (own < 0) throw std::system_error(errno, std::generic_category(), "chorus::AsioLoop");
    body_ = std::make_shared<Body>(Body{&server, {std::move(executor), own}});
    wait(body_);
  }
  /// The same, on a context that one thread runs.
  AsioLoop(boost::asio::io_context& context, Server& server) : AsioLoop(context.get_executor(), server) {}
  ~AsioLoop() { stop(); }
  AsioLoop(AsioLoop const&) = delete;
  AsioLoop& operator=(AsioLoop const&) = delete;

  /// Drains and stops the server (Server::stop: the program's own handlers do not run meanwhile, drain_timeout at
  /// most), and keeps the context from its end no longer. Idempotent.
  void stop() {
    server_.stop();
    body_->server = nullptr;
    boost::system::error_code ignored;
    body_->descriptor.close(ignored);
  }

 private:
  struct Body {
    Server* server;
    boost::asio::posix::stream_descriptor descriptor;  // a copy: what the server closes is its own
  };

  static void wait(std::shared_ptr<Body> const& body) {
    auto& descriptor = body->descriptor;
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [body](boost::system::error_code const& error) {
                            if (!error && body->server != nullptr && body->server->turn()) wait(body);
                          });
  }

  Server& server_;
  std::shared_ptr<Body> body_;
};

}  // namespace chorus
