// Chapter 14 with stock clients: one of them as the Admin UI.
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

test("who signs in sees who is there, and may act on them", async (t) => {
  const client = open(t, "/");
  await next(client, "connect");
  const admin = open(t, "/admin", { auth: { username: "admin", password: "changeit" } });
  const [sockets] = await next(admin, "all_sockets");
  assert.deepEqual(sockets.map(({ id }) => id).sort(), [admin.id, client.id].sort());

  const joined = next(admin, "room_joined");
  client.emit("join", "hall");
  assert.deepEqual((await joined).slice(0, 3), ["/", "hall", client.id]);
  const said = next(client, "hello");
  admin.emit("emit", "/", "hall", "hello", "from above");
  assert.deepEqual(await said, ["from above"]);
});

test("who does not know the password sees nothing", async (t) => {
  const stranger = open(t, "/admin", { auth: { username: "admin", password: "guess" } });
  stranger.onAny((event) => assert.fail(event));
  const [error] = await next(stranger, "connect_error");
  assert.equal(error.message, "invalid credentials");
});

test("the hosted UI's page may ask", async () => {
  const url = `${example.url}/socket.io/?EIO=4&transport=polling`;
  const answer = await fetch(url, { headers: { Origin: "https://admin.socket.io" } });
  assert.equal(answer.headers.get("access-control-allow-origin"), "https://admin.socket.io");
  assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
  await answer.text();
});
