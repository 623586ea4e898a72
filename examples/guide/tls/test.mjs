// The TLS of chapter 8 with stock clients, and certificates that are renewed while it runs.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as tls from "node:tls";
import { Authority } from "../../../tests/support/certificates.mjs";
import { clientModule, next, startExample } from "../../../tests/support/example.mjs";

const folder = mkdtempSync(join(tmpdir(), "chorus-example-"));
const authority = new Authority();
const use = (name) => {
  const made = authority.issue(name, ["DNS:localhost"]);
  copyFileSync(made.certFile, join(folder, "chain.pem"));
  copyFileSync(made.keyFile, join(folder, "key.pem"));
};

let example;
before(async () => {
  use("first");
  example = await startExample({ cwd: folder });
});
after(async () => {
  assert.equal(await example.stop(), 0, "SIGTERM ends it cleanly");
  authority.remove();
  rmSync(folder, { recursive: true });
});

async function arrive(t, transports) {
  const socket = clientModule.io(`https://localhost:${example.port}`, { forceNew: true, transports, ca: authority.ca });
  t.after(() => socket.close());
  await next(socket, "connect");
  return socket;
}

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
  test(`HTTPS and WSS: a client over ${transports.join(", then ")}`, async (t) => {
    const socket = await arrive(t, transports);
    assert.equal(await socket.emitWithAck("echo", "ü"), "ü");
  });
}

test("new certificates are for those who come from now on", async (t) => {
  const shown = async () => {
    const socket = tls.connect({ port: example.port, host: "localhost", servername: "localhost", ca: authority.ca });
    await next(socket, "secureConnect");
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  const socket = await arrive(t, ["websocket"]);
  assert.equal(await shown(), "first");
  use("second");
  assert.equal(await socket.emitWithAck("renew"), "renewed");
  assert.equal(await shown(), "second");
  assert.ok(socket.connected);
});
