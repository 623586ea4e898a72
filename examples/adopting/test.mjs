// Drives the example with the stock client, and with requests that share their connection with Socket.IO's.
import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../tests/support/example.mjs";

const { io } = clientModule;

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
  test(`SA16 EE6 EE8: a client over ${transports.join(", then ")} is served through another HTTP server`, async () => {
    const socket = io(example.url, { forceNew: true, reconnection: false, transports });
    const upgraded = transports.length === 2 ? next(socket.io.engine, "upgrade") : undefined; // perhaps before "connect"
    await next(socket, "connect");
    await upgraded;
    for (const text of ["a", "ü".repeat(40_000)]) assert.equal(await socket.emitWithAck("echo", text), text);
    socket.close();
  });
}

/** One request after the other over the same connection. */
function ask(agent, path) {
  return new Promise((resolve, reject) => {
    get(example.url + path, { agent }, (answer) => {
      let body = "";
      const port = answer.socket.localPort;
      answer.setEncoding("utf8").on("data", (text) => (body += text));
      answer.on("end", () => resolve({ status: answer.statusCode, body, port }));
    }).on("error", reject);
  });
}

test("pages before and after the handshake come over one connection, by whoever has it", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers = [];
  for (const path of ["/", "/a", "/socket.io/?EIO=4&transport=polling", "/b", "/socket.io/?EIO=4&transport=nothing"])
    answers.push(await ask(agent, path));
  agent.destroy();
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 400],
  );
  assert.match(answers[2].body, /^0\{"sid":/);
  for (const page of [0, 1, 3]) assert.equal(answers[page].body, "my server\n");
  assert.equal(new Set(answers.map(({ port }) => port)).size, 1, "it was one connection");
});

test("CL2: when the program ends, its clients are gone and may come back", async () => {
  const other = await startExample();
  const sockets = ["polling", "websocket"].map((transport) =>
    io(other.url, { forceNew: true, reconnection: false, transports: [transport] }),
  );
  await Promise.all(sockets.map((socket) => next(socket, "connect")));
  const ends = sockets.map((socket) => next(socket, "disconnect"));
  assert.equal(await other.stop(), 0);
  for (const [reason] of await Promise.all(ends)) assert.notEqual(reason, "io server disconnect");
});
