// Drives the example with the stock client: its own timer and Chorus share one loop.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clientModule, next, startExample } from "../../tests/support/example.mjs";

const { io } = clientModule;

test("a program's own timer and its handlers share a loop, over every transport, until SIGTERM ends it", async () => {
  const example = await startExample();
  const sockets = [["polling"], ["websocket"], ["polling", "websocket"]].map((transports) =>
    io(example.url, { forceNew: true, reconnection: false, transports }),
  );
  await Promise.all(sockets.map((socket) => next(socket, "connect")));
  const [first] = sockets;
  assert.equal(await first.emitWithAck("watch", "cocoa"), false);
  for (const socket of sockets) assert.equal(await socket.emitWithAck("watch", "tea"), true);

  first.emit("set price", "tea", 100);
  for (const socket of sockets) {
    const prices = [];
    await new Promise((resolve) =>
      socket.on("price", (name, price) => {
        assert.equal(name, "tea");
        if (price >= 100) prices.push(price);
        if (prices.length === 3) resolve();
      }),
    );
    assert.ok(prices[0] < prices[1] && prices[1] < prices[2], `${prices}`);
  }

  const ends = sockets.map((socket) => next(socket, "disconnect"));
  assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly");
  for (const [reason] of await Promise.all(ends)) assert.notEqual(reason, "io server disconnect"); // clients come back
});
