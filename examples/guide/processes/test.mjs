// The processes of chapter 12 with stock clients, and a Redis between them.
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { after, before, test } from "node:test";
import { Redis } from "../../../tests/app/support/redis.mjs";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";
import { deadline, until } from "../../../tests/support/waiting.mjs";

let example;
let endRedis;
before(async () => {
  const redis = await Redis.start({ after: (end) => (endRedis = end) });
  example = await startExample({ env: { REDIS_URL: redis.url } });
});
after(async () => {
  assert.equal(await example.stop(), 0, "SIGTERM ends all of them cleanly");
  await endRedis();
});

/** A client that says by which process it is served. */
async function arrive(t, options) {
  const socket = clientModule.io(example.url, { forceNew: true, reconnectionDelay: 50, ...options });
  t.after(() => socket.close());
  socket.on("served by", (pid) => (socket.pid = pid));
  await next(socket, "connect");
  await until(() => socket.pid, "its process");
  return socket;
}

/** One client of each process. */
async function ofBoth(t, options) {
  const first = await arrive(t, options);
  return until(async () => {
    const other = await arrive(t, options);
    if (other.pid !== first.pid) return [first, other];
    other.close();
  }, "another process");
}

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  // Each request over a connection of its own: whichever process accepts it, it is carried to the session's.
  test(`clients of both processes are one, over ${transports.join(", then ")}`, async (t) => {
    const [ann, bob] = await ofBoth(t, { transports, agent: new Agent({ keepAlive: false }) });
    for (let i = 0; i < 10; i += 1) {
      const heard = [ann, bob].map((socket) => next(socket, "said"));
      const speaker = i % 2 ? ann : bob;
      speaker.emit("say", `text ${i}`);
      for (const said of await deadline(Promise.all(heard), "what was said")) assert.deepEqual(said, [speaker.pid, `text ${i}`]);
    }
  });
}

test("when a process dies, its clients come back, and another takes its place", async (t) => {
  const [ann, bob] = await ofBoth(t, { transports: ["websocket"] });
  const { pid } = ann;
  process.kill(pid, "SIGKILL");
  await until(() => ann.pid !== pid && ann.connected, "it is served by another");
  assert.ok(bob.connected);
  const [, successor] = await ofBoth(t, { transports: ["websocket"] });
  assert.notEqual(successor.pid, pid);
});
