#include <chorus/server.hpp>
#include <optional>
#include <string>
#include <vector>

using namespace chorus;

struct Order {
  std::string dish;
  int count = 1;
  std::optional<std::string> wish;  // may be missing
};
template <>
inline constexpr auto chorus::fields<Order> = std::tuple{
    chorus::field("dish", &Order::dish), chorus::field("count", &Order::count), chorus::field("wish", &Order::wish)};

int main() {
  Server io({.port = 3000});

  // Parameters are decoded from the client's arguments; an event with others is counted and not handled.
  io.on("add", [](Socket const&, int a, int b, Ack ack) { ack(a + b); });

  // A struct of yours is an object in JavaScript.
  io.on("order", [](Socket const& socket, Order order) {
    socket.emit("ordered", order.count, order.dish, order.wish.value_or("as it comes"));
  });

  // Lists, maps, optionals, tuples and binary nest as you like; a Binary is a Buffer on the other side.
  io.on("sizes", [](Socket const&, std::vector<Binary> files, Ack ack) {
    std::vector<std::size_t> sizes;
    for (auto const& file : files) sizes.push_back(file.size());
    ack(sizes);
  });

  // Whatever came, passed on as it came: nothing is decoded.
  io.on("pass on", [](Socket const& socket, Args const& args) {
    ArgsWriter out;
    out.add_all(args);
    socket.emit_encoded("passed on", std::move(out));
  });

  // A question to the client, with a time limit.
  io.on("ask me", [](Socket const& socket) {
    socket.ask("what is your name?", std::chrono::seconds(2), [socket](Answer const& answer) {
      auto const name = answer ? answer.args[0].as<std::string>() : std::nullopt;
      socket.emit("so you are", name.value_or("nobody"));
    });
  });

  // An event that has no handler of its own.
  io.of("/").on_unhandled([](Incoming const& in) {
    in.socket.emit("what?", in.event);
    return true;
  });

  return io.run();
}
