// An auction's handlers, apart from main(), so that a test has the same ones.
#pragma once
#include <chorus/coroutine.hpp>
#include <chorus/server.hpp>
#include <chrono>
#include <string>

struct Auction {
  int highest = 0;
  int bids = 0;
};

inline void serve_auction(chorus::Server& io, Auction& auction) {
  using namespace chorus;
  io.use([](Handshake const& hs) -> Admission {
    auto const name = hs.auth<std::string>("name");
    return name ? admit(UserId{*name}) : refuse("name missing");
  });
  io.on("bid", [&](Socket socket, int amount, Ack ack) -> Task<> {
    bool const is_higher = amount > auction.highest;
    ack(is_higher);
    if (!is_higher) co_return;
    auction.highest = amount;
    int const bid = ++auction.bids;
    auto const name = socket.user().value;  // the socket may be gone by then
    io.emit("bid", name, amount);
    co_await sleep(std::chrono::seconds(10));
    if (bid == auction.bids) io.emit("sold", name, amount);
  });
}
