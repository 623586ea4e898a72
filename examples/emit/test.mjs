// Every way to emit, with stock clients: the same of main.cpp, and of what it is on Node.js.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { clientModule, next, startExample } from "../../tests/support/example.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const servers = {
  Chorus: {},
  "Node.js": { command: [process.execPath, path("node.cjs")], env: { NODE_PATH: path("../../tests/node_modules") } },
};
let example;

/** A client in these rooms, and all that it hears of "e". */
async function client(t, { user = "u", rooms = [], nsp = "/" } = {}) {
  const socket = clientModule.io(example.url + nsp, { forceNew: true, transports: ["websocket"], auth: { user } });
  t.after(() => socket.close());
  socket.heard = [];
  socket.on("e", (...args) => socket.heard.push(...args));
  await next(socket, "connect");
  for (const room of rooms) await socket.emitWithAck("join", room);
  return socket;
}

/** When it returns, what was emitted before it has been heard by all of them. */
const settled = (...sockets) => Promise.all(sockets.map((socket) => socket.emitWithAck("join", "settled")));

for (const [name, how] of Object.entries(servers)) describe(name, () => {
  before(async () => (example = await startExample(how)));
  after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

  test("to one client", async (t) => {
    const socket = await client(t);
    const message = next(socket, "message");
    socket.emit("to one");
    assert.deepEqual(await message, ["hi"]);
    await settled(socket);
    // The volatile ones may be dropped, being behind others.
    assert.deepEqual(socket.heard.filter((x) => x !== 2), [1, "two", [3], Buffer.from("bytes"), 3, {}]);
  });

  test("a client's question is answered", async (t) => {
    const socket = await client(t);
    assert.equal(await socket.emitWithAck("sum", 1, 2), 3);
  });

  test("a question has a time limit of its own", async (t) => {
    const socket = await client(t);
    socket.on("hello?", (answer) => answer());
    socket.emit("ask one, with its time");
    assert.deepEqual(await next(socket, "heard"), [true]);
  });

  for (const event of ["ask one", "await one"]) {
    test(`a question to one client: ${event}`, async (t) => {
      const socket = await client(t);
      socket.on("sum?", (a, b, answer) => answer(a + b));
      socket.emit(event);
      assert.deepEqual(await next(socket, "sum"), [3]);
    });
  }

  test("as the sender", async (t) => {
    const sender = await client(t, { user: "s" });
    const other = await client(t, { user: "s" });
    const [a, b] = [await client(t, { rooms: ["a"] }), await client(t, { rooms: ["a", "b"] })];
    sender.emit("as the sender");
    await settled(sender);
    await settled(other, a, b);
    assert.deepEqual(sender.heard, []);
    assert.deepEqual(other.heard, [1, 4, 7, 8]);
    assert.deepEqual(a.heard.filter((x) => x !== 6), [1, 2, 3, 4, 5, 7]);
    assert.deepEqual(b.heard.filter((x) => x !== 6), [1, 2, 3, 7]);
  });

  test("many are asked, but for the sender", async (t) => {
    const sender = await client(t, { rooms: ["a"] });
    sender.on("here?", () => assert.fail("it asked itself"));
    (await client(t, { rooms: ["a"] })).on("here?", (answer) => answer());
    sender.emit("ask as the sender");
    assert.deepEqual(await next(sender, "here"), [true, 1]);
  });

  test("to all", async (t) => {
    const [sender, a, b] = [await client(t), await client(t, { rooms: ["a"] }), await client(t, { rooms: ["b"] })];
    const messages = [sender, a, b].map((socket) => next(socket, "message"));
    sender.emit("to all");
    await settled(sender);
    await settled(a, b);
    const certain = (socket) => socket.heard.filter((x) => x !== 6);
    assert.deepEqual(certain(sender), [1, 4, 5, 7, 8]);
    assert.deepEqual(certain(a), [1, 2, 3, 4, 5, 7]);
    assert.deepEqual(certain(b), [1, 3, 5, 7]);
    for (const message of await Promise.all(messages)) assert.deepEqual(message, ["hi"]);
  });

  test("to a namespace, and to the children of one", async (t) => {
    const sender = await client(t, { rooms: ["a"] });
    const [reader, member] = [await client(t, { nsp: "/news" }), await client(t, { nsp: "/news", rooms: ["a"] })];
    const [one, two] = [await client(t, { nsp: "/doc-1" }), await client(t, { nsp: "/doc-2", rooms: ["a"] })];
    sender.emit("to a namespace");
    await settled(sender);
    await settled(reader, member, one, two);
    assert.deepEqual([sender, reader, member, one, two].map(({ heard }) => heard), [[], [1], [1, 2], [3], [3, 4]]);
  });

  test("to a user", async (t) => {
    const [phone, desktop] = [await client(t, { user: "ann" }), await client(t, { user: "ann" })];
    phone.emit("to a user", "ann");
    await settled(phone);
    await settled(desktop);
    assert.deepEqual([phone.heard, desktop.heard], [[1], [1, 2]]);
  });

  for (const event of ["ask many", "await many"]) {
    test(`a question to many: ${event}`, async (t) => {
      const asker = await client(t);
      for (const member of [await client(t, { rooms: ["a"] }), await client(t, { rooms: ["a"] })])
        member.on("here?", (answer) => answer());
      asker.emit(event);
      assert.deepEqual(await next(asker, "here"), [true, 2]);
    });
  }

  test("sockets are moved, shown and put out", async (t) => {
    const mover = await client(t);
    const a = await client(t, { rooms: ["a"] });
    const b = await client(t, { rooms: ["b"] });
    const put = next(b, "disconnect");
    mover.emit("move");
    assert.deepEqual(await next(mover, "moved"), [1]);
    assert.deepEqual((await put)[0], "io server disconnect");
    assert.ok(a.connected);
  });

  test("sockets that were found are talked to, and who does not answer is put out", async (t) => {
    const [finder, other] = [await client(t), await client(t)];
    const [answers, silent] = [await client(t, { rooms: ["a"] }), await client(t, { rooms: ["a"] })];
    answers.on("here?", (answer) => answer());
    const put = next(silent, "disconnect");
    finder.emit("to those found");
    assert.deepEqual(await next(finder, "found"), [2]);
    assert.deepEqual((await put)[0], "io server disconnect");
    await settled(answers, other);
    assert.deepEqual(answers.heard.filter((x) => x !== "maybe"), [answers.id]);
    assert.deepEqual(other.heard, []);
    finder.emit("to those found"); // who is left is in another room
    assert.deepEqual(await next(finder, "found"), [0]);
  });

  for (const event of ["to the servers", "await the servers"]) {
    test(`to the other servers, of which there are none here: ${event}`, async (t) => {
      const socket = await client(t);
      socket.emit(event);
      assert.deepEqual(await next(socket, "servers"), [0]);
    });
  }
});
