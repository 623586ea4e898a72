// Drives the example with the stock client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../tests/support/example.mjs";

const { io } = clientModule;
let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

const open = (name) => io(example.url, { auth: { name }, forceNew: true });

test("a message reaches everybody in the lobby, a whisper every device of one user", async () => {
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
  const nobody = io(example.url, { forceNew: true, reconnection: false });
  const [error] = await next(nobody, "connect_error");
  assert.equal(error.message, "name missing");
  nobody.close();
});
