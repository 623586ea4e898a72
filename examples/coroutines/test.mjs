// Drives the example with the stock client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startExample, clientModule } from "../../tests/support/example.mjs";

const { io } = clientModule;
let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

const open = (name) => io(example.url, { auth: { name }, forceNew: true, reconnection: false });
const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
const ask = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)));

async function join(t, name) {
  const socket = open(name);
  t.after(() => socket.close());
  await next(socket, "connect");
  return socket;
}

test("a middleware asks what blocks before it lets a client in", async (t) => {
  await join(t, "ann");
  const stranger = open("mallory");
  const [error] = await next(stranger, "connect_error");
  assert.equal(error.message, "not a member");
});

test("a handler waits for another client's answer, and no longer than it said", async (t) => {
  const ann = await join(t, "ann");
  const bob = await join(t, "bob");
  bob.once("invited", (by, answer) => answer(`with pleasure, ${by}`));
  assert.deepEqual(await ask(ann, "invite", "bob"), [true, 1]);
  assert.deepEqual(await ask(ann, "invite", "bob"), [false, 0]);
  assert.deepEqual(await ask(ann, "invite", "nobody"), [true, 0]);
});

test("a handler waits for time and for all workers", async (t) => {
  const ann = await join(t, "ann");
  const counted = [];
  ann.on("count", (n) => counted.push(n));
  const go = next(ann, "go");
  ann.emit("count down", 3);
  await go;
  assert.deepEqual(counted, [3, 2, 1]);

  const bob = await join(t, "bob");
  const welcomed = Promise.all([ann, bob].map((s) => next(s, "welcome")));
  assert.deepEqual(await ask(ann, "gather", "hall"), [2]);
  assert.deepEqual(await welcomed, [["hall"], ["hall"]]);
});
