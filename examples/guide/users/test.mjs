// Chapter 4 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

async function device(t, name) {
  const socket = clientModule.io(example.url, { forceNew: true, auth: { token: `token-of-${name}` } });
  t.after(() => socket.close());
  await next(socket, "connect");
  return socket;
}

test("a message reaches all devices of a user", async (t) => {
  const [phone, desktop, bob] = [await device(t, "ann"), await device(t, "ann"), await device(t, "bob")];
  const told = [phone, desktop].map((socket) => next(socket, "told"));
  assert.equal(await bob.emitWithAck("tell", "ann", "lunch?"), 2);
  for (const args of await Promise.all(told)) assert.deepEqual(args, ["bob", "lunch?"]);
});

test("what one device says reaches the others of its user", async (t) => {
  const [phone, desktop] = [await device(t, "cleo"), await device(t, "cleo")];
  phone.on("read", () => assert.fail("it said so itself"));
  const read = next(desktop, "read");
  phone.emit("read", 7);
  assert.deepEqual(await read, [7]);
});

test("a user is online from the first device to the last", async (t) => {
  const watcher = await device(t, "dora");
  const seen = [];
  const gone = new Promise((resolve) => {
    watcher.on("presence", (user, online) => {
      if (user !== "eve") return;
      seen.push(online);
      if (!online) resolve();
    });
  });
  const devices = [await device(t, "eve"), await device(t, "eve")];
  for (const socket of devices) socket.close();
  await gone;
  assert.deepEqual(seen, [true, false]);
});

test("nobody is refused with a reason", async () => {
  const nobody = clientModule.io(example.url, { forceNew: true, reconnection: false });
  const [error] = await next(nobody, "connect_error");
  assert.equal(error.message, "who are you?");
  nobody.close();
});
