// Chapter 12 with stock clients: two servers of it and one of Node's on a Redis.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Redis } from "../../../tests/app/support/redis.mjs";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";
import { until } from "../../../tests/support/waiting.mjs";

async function arrive(t, { url }, user) {
  const socket = clientModule.io(url, { forceNew: true, transports: ["websocket"], auth: { user } });
  t.after(() => socket.close());
  socket.heard = [];
  socket.onAny((...event) => socket.heard.push(event));
  await next(socket, "connect");
  return socket;
}

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const ofNode = { command: [process.execPath, path("node.cjs")], env: { NODE_PATH: path("../../../tests/node_modules") } };

async function serve(t, redis, { command, env } = {}) {
  const example = await startExample({ command, env: { ...env, REDIS_URL: redis ? redis.url : "" } });
  t.after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));
  return example;
}

/** Two servers that know each other. */
async function servers(t) {
  const redis = await Redis.start(t);
  const both = [await serve(t, redis), await serve(t, redis)];
  for (const server of both) {
    const asker = await arrive(t, server, "asker");
    await until(async () => (await asker.emitWithAck("neighbours?")) === 1, "they know each other");
    asker.close();
  }
  return { redis, both };
}

const heardOf = (socket, name) => socket.heard.filter(([event]) => event === name);

test("rooms and users are the whole cluster's", async (t) => {
  const { both: [here, there] } = await servers(t);
  const [phone, desktop] = [await arrive(t, here, "ann"), await arrive(t, there, "ann")];
  const bob = await arrive(t, there, "bob");
  for (const socket of [phone, desktop, bob]) await socket.emitWithAck("join", "tea");
  bob.emit("say", "tea", "ready");
  for (const socket of [phone, desktop, bob]) await until(() => heardOf(socket, "said").length > 0, "the room");
  await until(async () => (await bob.emitWithAck("tell", "ann", "now")) === 2, "both devices are known");
  bob.emit("say", "tea", "end");
  for (const socket of [phone, desktop]) {
    await until(() => heardOf(socket, "said").length > 1, "the end");
    assert.deepEqual(heardOf(socket, "said"), [["said", "bob", "ready"], ["said", "bob", "end"]]);
    assert.ok(heardOf(socket, "told").length > 0);
  }
});

test("CA5 who is online is told once to each client: every server tells its own", async (t) => {
  const { both: [here, there] } = await servers(t);
  const watchers = [await arrive(t, here, "w1"), await arrive(t, there, "w2")];
  const cleo = await arrive(t, here, "cleo");
  const ofCleo = (socket) => heardOf(socket, "presence").filter(([, user]) => user === "cleo").map(([, , online]) => online);
  for (const socket of watchers) await until(() => ofCleo(socket).length === 1, "she is here");
  cleo.close();
  for (const socket of watchers) {
    await until(() => ofCleo(socket).length === 2, "she has gone");
    assert.deepEqual(ofCleo(socket), [true, false]);
  }
});

test("CA24 servers tell each other what each keeps for itself, and count together in Redis", async (t) => {
  const { both: [here, there] } = await servers(t);
  const [ann, bob] = [await arrive(t, here, "ann"), await arrive(t, there, "bob")];
  ann.emit("set price", 7);
  assert.equal(await ann.emitWithAck("price?"), 7);
  await until(async () => (await bob.emitWithAck("price?")) === 7, "the other server knows");
  assert.deepEqual([await ann.emitWithAck("visit"), await bob.emitWithAck("visit")], ["1", "2"]);
});

test("a Node server is a neighbour", async (t) => {
  const { redis, both: [here, there] } = await servers(t);
  const [ann, bob] = [await arrive(t, here, "ann"), await arrive(t, there, "bob")];
  const nora = await arrive(t, await serve(t, redis, ofNode), "nora");
  const all = [ann, bob, nora];
  for (const socket of all) await socket.emitWithAck("join", "tea");

  for (const [i, speaker] of all.entries()) {
    speaker.emit("say", "tea", `${i}`);
    for (const socket of all) await until(() => heardOf(socket, "said").length > i, "what is said in the room");
  }
  const said = [["said", "ann", "0"], ["said", "bob", "1"], ["said", "nora", "2"]];
  for (const socket of all) assert.deepEqual(heardOf(socket, "said"), said);

  for (const [i, setter] of all.entries()) {
    setter.emit("set price", i);
    for (const socket of all) await until(async () => (await socket.emitWithAck("price?")) === i, "the price");
  }
  await until(async () => String(await nora.emitWithAck("all of them?")) === "1,1", "one client each");
});

test("without Redis it is a server like any other", async (t) => {
  const alone = await serve(t);
  const ann = await arrive(t, alone, "ann");
  assert.deepEqual([await ann.emitWithAck("neighbours?"), await ann.emitWithAck("visit")], [0, "?"]);
  await ann.emitWithAck("join", "tea");
  ann.emit("say", "tea", "ready");
  await until(() => heardOf(ann, "said").length > 0, "the room");
});
