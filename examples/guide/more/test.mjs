// Chapter 13 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { generations } from "../../../tests/support/client.mjs";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";
import { until } from "../../../tests/support/waiting.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

function open(t, nsp = "/", options = {}) {
  const socket = clientModule.io(example.url + nsp, { forceNew: true, transports: ["websocket"], ...options });
  t.after(() => socket.close());
  socket.heard = [];
  socket.onAny((...event) => socket.heard.push(event));
  return socket;
}
async function arrive(t, nsp, options) {
  const socket = open(t, nsp, options);
  await next(socket, "connect");
  return socket;
}
const settled = (socket) => socket.emitWithAck("name?");
const heardOf = (socket, name) => socket.heard.filter(([event]) => event === name);

test("a handler for once, and one that is taken back", async (t) => {
  const socket = await arrive(t);
  for (const event of ["hello", "hello", "tick", "tick", "enough", "tick"]) socket.emit(event);
  await settled(socket);
  assert.deepEqual(socket.heard, [["hello, stranger"], ["ticks", 1], ["ticks", 2]]);
});

test("a middleware of events changes one and refuses another", async (t) => {
  const [nobody, admin] = [await arrive(t), await arrive(t, "/", { auth: { admin: true } })];
  for (const socket of [nobody, admin]) {
    socket.emit("hi");
    socket.emit("admin: stop");
    await settled(socket);
  }
  assert.deepEqual(nobody.heard, [["hello, stranger"], ["refused", "admin: stop", "not for you"]]);
  assert.deepEqual(admin.heard, [["hello, stranger"]]);
});

test("all that comes and goes is heard", async (t) => {
  const socket = await arrive(t);
  socket.emit("tick", 1, { a: 2 });
  assert.deepEqual(await socket.emitWithAck("log?"), ['  1,{"a":2}', "< tick", "> ticks", "  ", "< log?"]);
  socket.emit("no log");
  socket.emit("tick");
  assert.deepEqual((await socket.emitWithAck("log?")).slice(5), ["  ", "< no log"]);
});

test("SK35 the connection under a socket tells of its upgrade", async (t) => {
  const socket = await arrive(t, "/", { transports: ["polling", "websocket"] });
  assert.deepEqual(await next(socket, "now over"), ["websocket"]);
  assert.deepEqual(await new Promise((answer) => socket.emit("how?", (...args) => answer(args))), ["websocket", true, 4]);
  const gone = next(socket, "disconnect");
  socket.emit("cut me off");
  assert.equal((await gone)[0], "transport close");
  await next(socket, "connect");
});

test("namespaces by a function, and who hears of them", async (t) => {
  const watcher = await arrive(t);
  const [error] = await next(open(t, "/team-red", { auth: { key: "key of blue" } }), "connect_error");
  assert.equal(error.message, "Invalid namespace");
  const red = open(t, "/team-red", { auth: { key: "key of red" } });
  assert.deepEqual(await next(red, "team"), ["red"]);
  const again = open(t, "/team-red", { auth: { key: "key of red" } });
  assert.deepEqual(await next(again, "team"), ["red"]);
  await settled(watcher);
  assert.deepEqual(heardOf(watcher, "new namespace"), [["new namespace", "/team-red"]]);
});

test("rooms open and close", async (t) => {
  const [watcher, first, second] = [await arrive(t), await arrive(t), await arrive(t)];
  for (const socket of [first, second]) {
    socket.emit("join", "tea");
    await settled(socket);
  }
  await until(() => heardOf(watcher, "opened").length, "the room opens");
  for (const socket of [first, second]) {
    socket.emit("leave", "tea");
    await settled(socket);
  }
  await until(() => heardOf(watcher, "closed").length, "the room closes");
  assert.deepEqual(watcher.heard.filter(([, room]) => room === "tea"), [["opened", "tea"], ["closed", "tea"]]);
});

for (const generation of [2, 3, "3 with msgpack", "4 with msgpack"]) {
  test(`clients of all kinds on one port: ${generation}`, async (t) => {
    const socket = generations[generation].io(example.url, { forceNew: true, transports: ["websocket"] });
    t.after(() => socket.close());
    await next(socket, "connect");
    assert.equal(await new Promise((answer) => socket.emit("name?", answer)), "more");
    const [, , protocol] = await new Promise((answer) => socket.emit("how?", (...args) => answer(args)));
    assert.equal(protocol, generation === 2 ? 3 : 4);
  });
}

test("messages are compressed where a client offers it", async (t) => {
  const socket = await arrive(t);
  assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/);
});
