// Every way to emit, as docs/emit.md shows them.
#include <chorus/coroutine.hpp>
#include <chorus/server.hpp>
#include <string>
#include <vector>

using namespace chorus;
using namespace std::chrono_literals;

int main() {
  Server io({.port = 3000});
  Namespace news = io.of("/news");
  Namespace documents = io.of_pattern("^/doc-[0-9]+$");

  for (Namespace nsp : {io.of("/"), news, documents})
    nsp.on("join", [](Socket const& socket, std::string room, Ack ack) {
      socket.join(room);
      ack();
    });

  io.on("to one", [](Socket const& socket) {
    socket.emit("e", 1, "two", std::vector{3});            // any arguments
    socket.emit("e", Binary("bytes"));                     // a Buffer there
    socket.send("hi");                                     // the event "message"
    socket.volatile_().emit("e", 2);                       // dropped when it would have to wait
    socket.emit_volatile("e", 2);                          // the same
    socket.compress(false).emit("e", 3);                   // not compressed
    socket.emit_encoded("e", encode_args(RawJson{"{}"}));  // JSON as it is
  });

  io.on("sum", [](Socket const&, int a, int b, Ack ack) { ack(a + b); });

  io.on("ask one", [](Socket const& socket) {
    socket.timeout(2s).ask(
        "sum?",
        [socket](Answer const& answer) {
          if (answer) socket.emit("sum", answer.args[0].as<int>().value_or(0));
        },
        1, 2);
  });

  io.on("ask one, with its time", [](Socket const& socket) {
    socket.ask("hello?", 2s, [socket](Answer const& answer) { socket.emit("heard", answer.error == AskError::none); });
  });

  io.on("await one", [](Socket socket) -> Task<> {
    OwnedAnswer const answer = co_await socket.emit_with_ack(2s, "sum?", 1, 2);
    socket.emit("sum", answer.as<int>().value_or(0));
  });

  io.on("as the sender", [](Socket const& socket) {
    socket.broadcast().emit("e", 1);                          // all but the sender
    socket.to("a").emit("e", 2);                              // a room, but the sender
    socket.to({"a", "b"}).emit("e", 3);                       // two rooms, each socket once
    socket.except("b").emit("e", 4);                          // but for a room
    socket.to("a").except("b").emit("e", 5);                  // a room, but for those who are in another too
    socket.to("a").volatile_().compress(false).emit("e", 6);  // in any combination
    socket.local().emit("e", 7);                              // all of this process but the sender
    socket.to(socket.user()).emit("e", 8);                    // the user's other devices
  });

  io.on("ask as the sender", [](Socket socket) -> Task<> {
    Answers const all = co_await socket.to("a").timeout(2s).emit_with_ack("here?");
    socket.emit("here", all.complete, all.answers.size());
  });

  io.on("to all", [&io](Socket const& socket) {
    io.emit("e", 1);                               // all of "/"
    io.to("a").emit("e", 2);                       // a room
    io.to({"a", "b"}).emit("e", 3);                // rooms
    io.except("b").emit("e", 4);                   // all but a room
    io.local().emit("e", 5);                       // of this process only
    io.volatile_().emit("e", 6);                   // whoever can take it now
    io.compress(false).emit("e", 7);               // not compressed
    io.to(std::string(socket.id())).emit("e", 8);  // one socket, by its id
    io.send("hi");                                 // the event "message"
  });

  io.on("to a namespace", [&io, documents](Socket const&) {
    io.of("/news").emit("e", 1);          // all of it
    io.of("/news").to("a").emit("e", 2);  // a room of it: not the room "a" of "/"
    documents.emit("e", 3);               // of_pattern's: all its children, "/doc-1" and the like
    documents.to("a").emit("e", 4);       // the room of each child
  });

  io.on("to a user", [&io](Socket const& socket, std::string id) {
    io.user(UserId{id}).emit("e", 1);                                   // all devices
    io.user(UserId{id}).except(std::string(socket.id())).emit("e", 2);  // but for this one
  });

  io.on("ask many", [&io](Socket const& socket) {
    io.to("a").timeout(2s).ask("here?",
                               [socket](Answers const& all) { socket.emit("here", all.complete, all.answers.size()); });
  });

  io.on("await many", [&io](Socket socket) -> Task<> {
    Answers const all = co_await io.to("a").timeout(2s).emit_with_ack("here?");
    socket.emit("here", all.complete, all.answers.size());
  });

  io.on("move", [&io](Socket socket) -> Task<> {
    co_await io.to("a").sockets_join("c");  // when it goes on, they are there, on every worker
    auto const sockets = co_await io.to("c").fetch_sockets();
    co_await io.to("c").sockets_leave("a");
    co_await io.in("b").disconnect_sockets();
    socket.emit("moved", sockets.size());
  });

  io.on("to those found", [&io](Socket socket) -> Task<> {
    auto const found = co_await io.to("a").fetch_sockets();
    for (SocketInfo const& one : found) {
      one.emit("e", one.id);                          // to this one alone
      one.audience().volatile_().emit("e", "maybe");  // in any combination
      one.join("found");                              // by letter: in effect soon
      one.leave("a");
      auto const all = co_await one.audience().timeout(2s).emit_with_ack("here?");
      if (!all.complete) one.disconnect();
    }
    socket.emit("found", found.size());
  });

  io.on("to the servers", [&io](Socket const& socket) {
    io.server_side_emit("reload", "prices");
    io.server_side_ask("load?", [socket](Answers const& all) { socket.emit("servers", all.answers.size()); });
  });

  io.on("await the servers", [&io](Socket socket) -> Task<> {
    Answers const all = co_await io.server_side_emit_with_ack("load?");
    socket.emit("servers", all.answers.size());
  });

  io.use([](Handshake const& hs) { return admit(UserId{hs.auth<std::string>("user").value_or("nobody")}); });
  return io.run();
}
