// A neighbour of main.cpp on Node.js: with the same Redis both are one cluster.
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");
const { Server } = require("socket.io");

async function main() {
  const url = new URL(process.env.REDIS_URL);
  const pub = createClient(url.protocol === "unix:" ? { socket: { path: url.pathname } } : { url: url.href });
  const sub = pub.duplicate();
  for (const client of [pub, sub]) client.on("error", () => {}); // it connects again by itself
  await Promise.all([pub.connect(), sub.connect()]);

  const io = new Server(Number(process.env.PORT), { adapter: createAdapter(pub, sub) });

  let price = 100;
  io.on("price is", (newest) => (price = newest));
  io.on("how many?", (ack) => ack(io.engine.clientsCount));

  io.on("connection", (socket) => {
    const { user } = socket.handshake.auth;
    socket.on("join", (room, ack) => {
      socket.join(room);
      ack();
    });
    socket.on("say", (room, text) => io.to(room).emit("said", user, text));
    socket.on("set price", (newest) => {
      price = newest;
      io.serverSideEmit("price is", newest);
    });
    socket.on("price?", (ack) => ack(price));
    socket.on("all of them?", async (ack) => ack(await io.serverSideEmitWithAck("how many?")));
  });
  process.on("SIGTERM", () => process.exit(0));
}

main();
