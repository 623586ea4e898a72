// Drives the example with the stock client, and with requests of its own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync, inflateSync } from "node:zlib";

const require = createRequire(new URL("../../tests/support/example.mjs", import.meta.url));
const dist = join(dirname(require.resolve("socket.io-client/package.json")), "dist");
process.env.CLIENT_FILES = dist;
const { startExample, clientModule } = await import("../../tests/support/example.mjs");
const { io } = clientModule;

let example;
before(async () => (example = await startExample()));
after(async () => assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly"));

const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
const open = (options) => io(example.url, { forceNew: true, reconnection: false, query: { token: "sesame" }, ...options });
const handshake = (query, options) => fetch(`${example.url}/socket.io/?EIO=4&transport=polling${query}`, options);

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
  test(`ES21 ES22: a client over ${transports.join(", then ")} gets a session with the program's text in its id`, async () => {
    const socket = open({ transports });
    const upgraded = transports.length === 2 ? next(socket.io.engine, "upgrade") : undefined;
    await next(socket, "connect");
    assert.match(socket.io.engine.id, /^guest-sesame\.[\w-]{24}$/);
    await upgraded;
    assert.deepEqual(await socket.emitWithAck("echo", { a: [1, "ü"] }), { a: [1, "ü"] });
    socket.close();
  });

  test(`ES4 ES5 HS4: a client over ${transports.join(", then ")} whom the gate does not know is refused`, async () => {
    const socket = open({ transports, query: { token: "wrong" } });
    const [error] = await next(socket, "connect_error");
    if (transports[0] === "polling") assert.equal(error.description, 403);
    assert.match(error.message, /error/);
    const told = await handshake("&token=wrong");
    assert.deepEqual([told.status, await told.json()], [403, { code: 4, message: "no such token" }]);
    socket.close();
  });
}

test("ES11 ES141 EM1: the first answer has the cookie and the headers of hook and middleware", async () => {
  const opened = await handshake("&token=sesame");
  const { sid } = JSON.parse((await opened.text()).slice(1));
  assert.equal(opened.headers.get("set-cookie"), `io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
  assert.equal(opened.headers.get("x-served-by"), "chorus");
  assert.equal(opened.headers.get("x-frame-options"), "SAMEORIGIN");
  const posted = await handshake(`&sid=${sid}`, { method: "POST", body: "40" });
  assert.equal(posted.headers.get("set-cookie"), null);
  assert.equal(posted.headers.get("x-served-by"), null);
  assert.equal(posted.headers.get("x-frame-options"), "SAMEORIGIN");
});

test("EM4: the middleware answers by itself", async () => {
  const answer = await handshake("&token=sesame", { headers: { "user-agent": "bad bot" } });
  assert.deepEqual([answer.status, await answer.text()], [429, "slow down\n"]);
});

/** An answer as it came, which fetch would unpack. */
const raw = (url, headers) =>
  new Promise((resolve, reject) => {
    httpGet(url, { headers, agent: false }, async (answer) => {
      resolve({ headers: answer.headers, body: Buffer.concat(await answer.toArray()) });
    }).on("error", reject);
  });

const types = { js: /^(text|application)\/javascript/, map: /^application\/json/ };
for (const name of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"].flatMap(
  (script) => [script, `${script}.map`],
)) {
  test(`SA1 to SA14, UW12 to UW22: ${name} is served as the package has it, and not twice`, async () => {
    const url = `${example.url}/socket.io/${name}`;
    const answer = await fetch(`${url}?v=1`, { headers: { origin: "https://app.example" } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), types[name.split(".").pop()]);
    assert.equal(answer.headers.get("content-encoding"), "gzip"); // fetch accepts it, and unpacks it
    assert.equal(answer.headers.get("access-control-allow-origin"), "https://app.example");
    assert.equal(await answer.text(), readFileSync(join(dist, name), "utf8"));
    for (const [accepted, unpack] of [["br", brotliDecompressSync], ["deflate", inflateSync]]) {
      const { headers, body } = await raw(url, { "accept-encoding": `${accepted}, gzip;q=0.5` });
      assert.deepEqual([headers["content-encoding"], headers.vary], [accepted, "Accept-Encoding, Origin"]);
      assert.deepEqual(unpack(body), readFileSync(join(dist, name)));
    }
    const etag = answer.headers.get("etag");
    assert.match(etag, /^".+"$/);
    for (const [known, status] of [[etag, 304], [`W/${etag}`, 304], ['"other"', 200]])
      assert.equal((await fetch(url, { headers: { "if-none-match": known } })).status, status);
  });
}

test("SA19 SA20 EE5: nothing else is served under the path, and other paths are the program's", async () => {
  for (const path of ["/socket.io/package.json", "/socket.io/", "/nowhere"]) {
    const { status } = await fetch(example.url + path);
    assert.equal(status, path === "/socket.io/" ? 400 : 501, path);
  }
});

test("routes answer at once and later", async () => {
  const get = async (path) => {
    const answer = await fetch(example.url + path);
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await get("/hello/Zo%C3%AB"), [200, "hello Zoë\n"]);
  assert.deepEqual(await get("/known/sesame"), [204, ""]);
  assert.deepEqual(await get("/known/nobody"), [404, ""]);
  assert.equal((await fetch(`${example.url}/hello/x`, { method: "POST" })).status, 405);
});
