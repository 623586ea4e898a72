// Drives the example with the stock client: node test.mjs URL
import assert from "node:assert/strict";
import { test } from "node:test";
import { io } from "socket.io-client";

const url = process.env.EXAMPLE_URL;
const open = (name) => io(url, { auth: { name }, forceNew: true });
const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));

test("a message reaches everybody in the lobby and a whisper every device of one user", async () => {
  const phone = open("ann");
  const desktop = open("ann");
  const bob = open("bob");
  await Promise.all([phone, desktop, bob].map((s) => next(s, "connect")));

  const heard = [phone, desktop, bob].map((s) => next(s, "chat message"));
  assert.equal(await phone.emitWithAck("chat message", "hello"), "delivered");
  for (const args of await Promise.all(heard)) assert.deepEqual(args, ["ann", "hello"]);

  const whispered = [phone, desktop].map((s) => next(s, "whisper"));
  bob.emit("whisper", "ann", "psst");
  for (const args of await Promise.all(whispered)) assert.deepEqual(args, ["bob", "psst"]);
  for (const s of [phone, desktop, bob]) s.close();
});

test("a client without a name is refused", async () => {
  const nobody = io(url, { forceNew: true, reconnection: false });
  const [error] = await next(nobody, "connect_error");
  assert.equal(error.message, "name missing");
  nobody.close();
});
