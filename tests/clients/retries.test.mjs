// The client's option `retries`: it says again, one after the other, what the server has not acknowledged.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { connected, everyWay, joiner, open } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { Line } from '../support/line.mjs';
import { deadline, until } from '../support/waiting.mjs';

const heartbeat = { PING_INTERVAL: 1500, PING_TIMEOUT: 2500 }; // see cutOff() in line.mjs
const fixture = await startFixture({ WORKERS: 4, ...heartbeat });
after(() => fixture.stop());

const retrying = { retries: 5, ackTimeout: 60_000, reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

for (const way of everyWay(undefined, [4])) {
  describe(way.title, () => {
    test('answers that are lost with the connection: each event arrives at least once, in order, and is answered', async (t) => {
      const line = await Line.open(t, fixture.port);
      const client = open(t, line, '/fx', { ...way, ...retrying });
      await connected(client);
      const watcher = await joiner(fixture, ['websocket'])(t);
      const handled = []; // as the server tells somebody whose line is whole
      watcher.on('handled', (n) => handled.push(n));

      const answered = [];
      const say = (n) => new Promise((resolve) => {
        client.emit('bcast', { event: 'handled', args: [n], rooms: [watcher.id] }, (error, answer) => {
          answered.push([n, error, answer]);
          if (n % 3 === 0) line.breakAt('43/fx,'); // the answer to the next one
          resolve();
        });
      });
      const events = Array.from({ length: 12 }, (_, n) => n);
      await deadline(Promise.all(events.map(say)), 'all answers');
      await until(() => handled.at(-1) === events.at(-1), 'the last one to be told');
      assert.deepEqual(answered, events.map((n) => [n, null, { ok: true }]));
      assert.deepEqual(handled, events.flatMap((n) => (n % 3 === 1 ? [n, n] : [n])));
    });
  });
}
