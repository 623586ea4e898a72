// A foreign client, Debian's python3-socketio: its own Engine.IO, its own parser, its own WebSocket (websocket-client).

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ways } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { deadline } from '../support/waiting.mjs';

const program = fileURLToPath(new URL('python_client.py', import.meta.url));

/** Debian's modules belong to Debian's python, which may not be the first on the PATH. */
const python = ['python3', '/usr/bin/python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import socketio, requests, websocket']).status === 0);
assert.ok(python, 'no python3 has socketio, requests and websocket: script/bootstrap test installs them');

const fixture = await startFixture({ WORKERS: 4 });
after(() => fixture.stop());

/** The program; `next()`: what it says, line by line, as it comes. */
function run(url, transports, ...more) {
  const child = spawn(python, [program, url, transports.join(','), ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async next() {
      const { value } = await deadline(lines.next(), 'a line of the python client', 60_000);
      return value && JSON.parse(value);
    },
    end: () => child.kill('SIGKILL'),
  };
}

const scenarios = ['joins namespaces and is refused by others', 'hears what it said', 'loses and doubles none of many events',
  'sends and hears binary', 'asks and is answered', 'is asked and answers', 'hears its rooms and no other', 'is sent away'];

for (const [way, transports] of Object.entries(ways)) {
  describe(`python's client over ${way}`, { concurrency: 1 }, () => {
    let client;
    before(() => (client = run(fixture.url, transports)));
    after(() => client.end());

    for (const scenario of scenarios) {
      test(`${way === 'polling' ? '' : 'ES151 '}${scenario}`, async () => {
        assert.deepEqual(await client.next(), { scenario, error: null });
      });
    }

    test('comes back to a server that came back', async (t) => {
      const first = await startFixture({ WORKERS: 2 });
      const returning = run(first.url, transports, 'reconnect');
      t.after(() => returning.end());
      assert.deepEqual(await returning.next(), { scenario: 'connected' });
      // Over polling a server that goes in good order says so with a close packet, which this client takes for its own end.
      await (way === 'polling' ? first.kill() : first.stop());
      const second = await startFixture({ WORKERS: 2, PORT: first.port });
      t.after(() => second.stop());
      assert.deepEqual(await returning.next(), { scenario: 'comes back', error: null });
    });
  });
}
