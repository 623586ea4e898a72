// An HTTP server of the program's own, on its own port: what is for Socket.IO it hands over, and Chorus listens
// nowhere.
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>
#include <chorus/asio.hpp>
#include <cstdio>
#include <memory>
#include <string>

using namespace chorus;
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Options {
  unsigned short port;
};

/// A connection of the program's server, until it is handed over.
class Visitor : public std::enable_shared_from_this<Visitor> {
 public:
  Visitor(tcp::socket socket, Server& io) : socket_(std::move(socket)), io_(io) {}

  void read_request() {
    asio::async_read_until(socket_, asio::dynamic_buffer(read_, 16 * 1024), "\r\n\r\n",
                           [self = shared_from_this()](error_code const& error, std::size_t head) {
                             if (!error) self->answer(head);
                           });
  }

 private:
  void answer(std::size_t head) {
    auto const target = read_.substr(read_.find(' ') + 1);
    if (target.starts_with("/socket.io/")) return hand_over();
    read_.erase(0, head);  // what may follow is the next request
    answer_ = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nmy server\n";
    asio::async_write(socket_, asio::buffer(answer_),
                      [self = shared_from_this()](error_code const& error, std::size_t) {
                        if (!error) self->read_request();
                      });
  }

  /// Everything that was read goes along, from the first byte of this request on.
  void hand_over() {
    int const descriptor = socket_.release();
    if (io_.adopt(descriptor, read_) != Adopted::taken) ::close(descriptor);
  }

  tcp::socket socket_;
  Server& io_;
  std::string read_, answer_;
};

void accept(tcp::acceptor& acceptor, Server& io) {
  acceptor.async_accept([&](error_code const& error, tcp::socket socket) {
    if (error) return;
    std::make_shared<Visitor>(std::move(socket), io)->read_request();
    accept(acceptor, io);
  });
}

int main() {
  Options const options{.port = 3000};
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {tcp::v4(), options.port});

  Server io({.listen = false, .workers = 1});
  io.on("echo", [](Socket const&, ArgView x, Ack ack) { ack(x); });
  // A browser may ask for a page over a connection that was handed over before: it is answered here.
  io.fallback([](HttpRequest const&) { return HttpReply{200, "text/plain", "my server\n"}; });

  AsioLoop loop(context, io);
  accept(acceptor, io);
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](error_code const&, int) {
    acceptor.close();
    loop.stop();
    context.stop();
  });
  context.run();
}
