// Chapter 2 with the stock client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example, socket;
before(async () => {
  example = await startExample();
  socket = clientModule.io(example.url);
  await next(socket, "connect");
});
after(async () => {
  socket.close();
  assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly");
});

test("typed arguments and an acknowledgement", async () => {
  assert.equal(await socket.emitWithAck("add", 2, 40), 42);
});

test("structs", async () => {
  socket.emit("order", { dish: "soup", count: 2 });
  assert.deepEqual(await next(socket, "ordered"), [2, "soup", "as it comes"]);
  socket.emit("order", { dish: "tea", count: 1, wish: "with milk" });
  assert.deepEqual(await next(socket, "ordered"), [1, "tea", "with milk"]);
});

test("binary in a list", async () => {
  assert.deepEqual(await socket.emitWithAck("sizes", [Buffer.from("abc"), Buffer.alloc(1000)]), [3, 1000]);
});

test("arguments that are passed on as they came", async () => {
  const args = [1, "two", { three: [null, true], four: Buffer.from([5]) }];
  socket.emit("pass on", ...args);
  assert.deepEqual(await next(socket, "passed on"), args);
});

test("a question to the client", async () => {
  socket.once("what is your name?", (answer) => answer("Ann"));
  socket.emit("ask me");
  assert.deepEqual(await next(socket, "so you are"), ["Ann"]);
});

test("an event that nobody handles", async () => {
  socket.emit("sing");
  assert.deepEqual(await next(socket, "what?"), ["sing"]);
});
