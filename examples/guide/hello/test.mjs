// Chapter 1 with the stock client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

test("who connects is welcomed, who greets is greeted", async () => {
  const socket = clientModule.io(example.url);
  const [welcome, id] = await next(socket, "welcome");
  assert.equal(welcome, "You are");
  assert.equal(id, socket.id);
  socket.emit("greet", "Ann");
  assert.deepEqual(await next(socket, "greeting"), ["Hello, Ann!"]);
  socket.close();
});
