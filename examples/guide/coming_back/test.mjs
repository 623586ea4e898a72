// Chapter 9 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

test("a client whose connection broke hears what it missed", async (t) => {
  const [reader, writer] = [0, 1].map(() => {
    const socket = clientModule.io(example.url, { forceNew: true, transports: ["websocket"] });
    t.after(() => socket.close());
    return socket;
  });
  await Promise.all([reader, writer].map((socket) => next(socket, "connect")));
  const heard = [];
  const last = new Promise((resolve) => reader.on("news", (text) => heard.push(text) && text === "c" && resolve()));
  const first = next(reader, "news");
  writer.emit("tell", "a");
  await first;

  const id = reader.id;
  reader.io.reconnection(false); // until the others have spoken
  const lost = next(reader, "disconnect");
  reader.io.engine.close();
  await lost;
  const told = new Promise((resolve) => writer.on("news", (text) => text === "c" && resolve()));
  writer.emit("tell", "b");
  writer.emit("tell", "c");
  await told;

  reader.connect();
  await last;
  assert.deepEqual(heard, ["a", "b", "c"]);
  assert.deepEqual([reader.recovered, reader.id], [true, id]);
});
