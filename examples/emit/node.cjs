// The same as main.cpp, on Node.js: docs/emit.md shows them side by side, and the test asks the same of both.
const { Adapter } = require("socket.io-adapter");
const { Server } = require("socket.io");

/** The adapter in memory knows no events between servers; in this one there are no others, as without Redis. */
class Alone extends Adapter {
  serverSideEmit(packet) {
    const done = packet.at(-1);
    if (typeof done === "function") done(null, []);
  }
}

const io = new Server(Number(process.env.PORT), { adapter: Alone });
process.on("SIGTERM", () => io.close(() => process.exit(0)));
const news = io.of("/news");
const documents = io.of(/^\/doc-[0-9]+$/);

for (const nsp of [io.of("/"), news, documents])
  nsp.on("connection", (socket) => {
    socket.on("join", (room, ack) => {
      socket.join(room);
      ack();
    });
  });

io.on("connection", (socket) => {
  socket.join(`user:${socket.handshake.auth.user}`); // what stands for UserId

  socket.on("to one", () => {
    socket.emit("e", 1, "two", [3]);
    socket.emit("e", Buffer.from("bytes"));
    socket.send("hi");
    socket.volatile.emit("e", 2);
    socket.compress(false).emit("e", 3);
    socket.emit("e", {});
  });

  socket.on("sum", (a, b, ack) => ack(a + b));

  socket.on("ask one", () => {
    socket.timeout(2000).emit("sum?", 1, 2, (err, sum) => {
      if (!err) socket.emit("sum", sum);
    });
  });

  socket.on("await one", async () => {
    const sum = await socket.timeout(2000).emitWithAck("sum?", 1, 2);
    socket.emit("sum", sum);
  });

  socket.on("ask one, with its time", () => {
    socket.emit("hello?", () => socket.emit("heard", true)); // or never: there is no time
  });

  socket.on("as the sender", () => {
    socket.broadcast.emit("e", 1);
    socket.to("a").emit("e", 2);
    socket.to(["a", "b"]).emit("e", 3);
    socket.except("b").emit("e", 4);
    socket.to("a").except("b").emit("e", 5);
    socket.to("a").volatile.compress(false).emit("e", 6);
    socket.local.emit("e", 7);
    socket.to(`user:${socket.handshake.auth.user}`).emit("e", 8); // with a room for each user, of your own
  });

  socket.on("ask as the sender", async () => {
    const answers = await socket.to("a").timeout(2000).emitWithAck("here?");
    socket.emit("here", true, answers.length);
  });

  socket.on("to all", () => {
    io.emit("e", 1);
    io.to("a").emit("e", 2);
    io.to(["a", "b"]).emit("e", 3);
    io.except("b").emit("e", 4);
    io.local.emit("e", 5);
    io.volatile.emit("e", 6);
    io.compress(false).emit("e", 7);
    io.to(socket.id).emit("e", 8);
    io.send("hi");
  });

  socket.on("to a namespace", () => {
    io.of("/news").emit("e", 1);
    io.of("/news").to("a").emit("e", 2);
    documents.emit("e", 3);
    documents.to("a").emit("e", 4);
  });

  socket.on("to a user", (id) => {
    io.to(`user:${id}`).emit("e", 1); // with a room for each user, of your own
    io.to(`user:${id}`).except(socket.id).emit("e", 2);
  });

  socket.on("ask many", () => {
    io.to("a").timeout(2000).emit("here?", (err, answers) => {
      socket.emit("here", !err, answers.length);
    });
  });

  socket.on("await many", async () => {
    const answers = await io.to("a").timeout(2000).emitWithAck("here?"); // throws when one is missing
    socket.emit("here", true, answers.length);
  });

  socket.on("move", async () => {
    io.to("a").socketsJoin("c"); // with other servers, nobody knows when it has taken effect
    const sockets = await io.to("c").fetchSockets();
    io.to("c").socketsLeave("a");
    io.in("b").disconnectSockets();
    socket.emit("moved", sockets.length);
  });

  socket.on("to those found", async () => {
    const found = await io.to("a").fetchSockets();
    for (const one of found) {
      one.emit("e", one.id);
      one.join("found");
      one.leave("a");
      await one.timeout(2000).emitWithAck("here?").catch(() => one.disconnect());
    }
    socket.emit("found", found.length);
  });

  socket.on("to the servers", () => {
    io.serverSideEmit("reload", "prices");
    io.serverSideEmit("load?", (err, answers) => socket.emit("servers", answers.length));
  });

  socket.on("await the servers", async () => {
    const answers = await io.serverSideEmitWithAck("load?");
    socket.emit("servers", answers.length);
  });
});
