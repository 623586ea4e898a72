// Chapter 9 with stock clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";
import { Line } from "../../../tests/support/line.mjs";

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

test("an order that was acknowledged in vain is said again, and taken once", async (t) => {
  const line = await Line.open(t, example.port);
  const reader = clientModule.io(example.url, { forceNew: true, transports: ["websocket"] });
  const options = { retries: 5, ackTimeout: 10_000, reconnectionDelay: 10 };
  const buyer = clientModule.io(line.url, { forceNew: true, transports: ["websocket"], ...options });
  t.after(() => [reader, buyer].forEach((socket) => socket.close()));
  await Promise.all([reader, buyer].map((socket) => next(socket, "connect")));
  const heard = [];
  reader.onAny((event, text) => heard.push([event, text]));
  const said = [];
  buyer.onAnyOutgoing((event, number) => said.push([event, number]));

  line.breakAt("430[]"); // the acknowledgement of the first
  await Promise.all(["tea", "cake"].map((what, i) =>
    new Promise((resolve, reject) => buyer.emit("order", `n${i}`, what, (error) => (error ? reject(error) : resolve()))),
  ));
  const last = next(reader, "news");
  buyer.emit("tell", "end");
  await last;
  assert.deepEqual(said.slice(0, 3), [["order", "n0"], ["order", "n0"], ["order", "n1"]]);
  assert.deepEqual(heard.map((event) => event.slice(0, 2)), [["ordered", "tea"], ["ordered", "cake"], ["news", "end"]]);
});
