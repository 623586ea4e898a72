// Chorus in a program's own Asio loop: one thread, one io_context, and no lock around what handlers and timers share.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chorus/asio.hpp>
#include <chrono>
#include <map>
#include <string>

using namespace chorus;
namespace asio = boost::asio;

/// A task of the program's own, as any in its loop: ten times a second it looks at the prices and tells of them.
void tell_prices(asio::steady_timer& timer, Server& io, std::map<std::string, double>& prices) {
  timer.expires_after(std::chrono::milliseconds(100));
  timer.async_wait([&](boost::system::error_code const& error) {
    if (error) return;
    for (auto& [name, price] : prices) io.to(name).emit("price", name, price *= 1.01);
    tell_prices(timer, io, prices);
  });
}

int main() {
  asio::io_context context(1);
  Server io({.port = 3000, .workers = 1});  // one worker, and its turns are the context's
  std::map<std::string, double> prices{{"tea", 2.0}, {"coffee", 3.0}};

  io.on("watch", [&](Socket const& socket, std::string name, Ack ack) {
    socket.join(name);
    ack(prices.contains(name));
  });
  io.on("set price", [&](Socket const&, std::string name, double price) { prices[name] = price; });

  AsioLoop loop(context, io);
  asio::steady_timer timer(context);
  tell_prices(timer, io, prices);

  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code const&, int) {
    loop.stop();  // drains: clients come back by themselves
    context.stop();
  });
  context.run();
}
