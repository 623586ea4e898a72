// Chapter 3 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

async function joined(t, ...rooms) {
  const socket = clientModule.io(example.url, { forceNew: true });
  t.after(() => socket.close());
  await next(socket, "connect");
  for (const room of rooms) await socket.emitWithAck("join", room);
  return socket;
}

test("rooms are joined and left", async (t) => {
  const socket = await joined(t);
  assert.deepEqual(await socket.emitWithAck("join", "a"), [socket.id, "a"].sort());
  assert.deepEqual(await socket.emitWithAck("leave", "a"), [socket.id]);
});

test("members hear who came, what is said, and who went", async (t) => {
  const ann = await joined(t, "lobby");
  const cameFirst = next(ann, "came");
  const bob = await joined(t, "lobby");
  assert.deepEqual(await cameFirst, [bob.id]);
  const heard = [ann, bob].map((socket) => next(socket, "said"));
  bob.emit("say", "lobby", "hi");
  for (const args of await Promise.all(heard)) assert.deepEqual(args, [bob.id, "hi"]);
  const went = next(ann, "went");
  const id = bob.id;
  bob.close();
  assert.deepEqual(await went, [id, "client namespace disconnect"]);
});

test("who is excepted does not hear it", async (t) => {
  const speaker = await joined(t, "hall");
  const quiet = await joined(t, "hall", "quiet");
  quiet.on("said", () => assert.fail("it is in the excepted room"));
  const said = next(speaker, "said");
  speaker.emit("say", "hall", "hi");
  await said;
  await quiet.emitWithAck("join", "hall"); // behind what it must not have heard
});

test("an audience of two rooms hears it once", async (t) => {
  const both = await joined(t, "red", "blue");
  const scores = [];
  both.on("score", (points) => scores.push(points));
  both.emit("score", 1);
  await both.emitWithAck("leave", "red");
  assert.deepEqual(scores, [1]);
});

test("answers of a room are collected", async (t) => {
  const asker = await joined(t);
  const members = [await joined(t, "crew"), await joined(t, "crew")];
  for (const member of members) member.on("ready?", (answer) => answer(true));
  const answer = new Promise((resolve) => asker.emit("poll", "crew", (...args) => resolve(args)));
  assert.deepEqual(await answer, [true, 2]);
});
