// Chapter 6 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

async function open(t) {
  const socket = clientModule.io(example.url, { forceNew: true, transports: ["websocket"] });
  t.after(() => socket.close());
  await next(socket, "connect");
  return socket;
}

test("what all threads share is counted right", async (t) => {
  const sockets = await Promise.all(Array.from({ length: 8 }, () => open(t)));
  const all = sockets.flatMap((socket) => Array.from({ length: 50 }, () => socket.emitWithAck("score", "ann", 1)));
  assert.equal(Math.max(...(await Promise.all(all))), 400);
});

test("what one socket has is its own", async (t) => {
  const [ann, bob] = [await open(t), await open(t)];
  assert.equal(await ann.emitWithAck("count"), 1);
  assert.equal(await ann.emitWithAck("count"), 2);
  assert.equal(await bob.emitWithAck("count"), 1);
});

test("a foreign thread's emits come in order", async (t) => {
  const socket = await open(t);
  const ticks = [];
  const three = new Promise((resolve) => socket.on("tick", (tick) => ticks.push(tick) === 3 && resolve()));
  socket.emit("watch");
  await three;
  assert.deepEqual(ticks, [ticks[0], ticks[0] + 1, ticks[0] + 2]);
});
