// Chapter 5 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

function open(t, nsp, options) {
  const socket = clientModule.io(example.url + nsp, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.close());
  return socket;
}

test("who knows the password is heard by everybody", async (t) => {
  const everybody = open(t, "/");
  await next(everybody, "connect");
  const admin = open(t, "/admin", { auth: { password: "secret" } });
  await next(admin, "connect");
  const attention = next(everybody, "attention");
  admin.emit("shout", "fire");
  assert.deepEqual(await attention, ["fire"]);
});

test("a refusal has a message and data", async (t) => {
  const [error] = await next(open(t, "/admin"), "connect_error");
  assert.equal(error.message, "not authorized");
  assert.equal(error.data, "ask your boss");
});

test("a middleware may look at the query", async (t) => {
  const [error] = await next(open(t, "/", { query: { banned: "1" } }), "connect_error");
  assert.equal(error.message, "banned");
});

test("a namespace for each document", async (t) => {
  const [ann, bob, other] = ["/doc-1", "/doc-1", "/doc-2"].map((nsp) => open(t, nsp));
  const names = await Promise.all([ann, bob, other].map((socket) => next(socket, "document")));
  assert.deepEqual(names, [["1"], ["1"], ["2"]]);
  other.on("edited", () => assert.fail("another document"));
  const edited = next(bob, "edited");
  ann.emit("edit", "x");
  assert.deepEqual(await edited, ["x"]);
  const [error] = await next(open(t, "/doc-x"), "connect_error");
  assert.equal(error.message, "Invalid namespace");
});
