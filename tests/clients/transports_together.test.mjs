// One audience over all transports at once: clients that poll, clients of a WebSocket, and clients that upgraded.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ask, heard, joiner, onAny, operate, upgraded, ways } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';

const fixture = await startFixture({ WORKERS: 4 });
after(() => fixture.stop());

const bytes = Buffer.from([1, 2, 3, 0, 255]);

/** Two of each kind in `nsp`, on whichever workers they come to. */
async function mixed(t, nsp) {
  const kinds = Object.values(ways);
  const sockets = await Promise.all([...kinds, ...kinds].map((transports) => joiner(fixture, transports)(t, nsp)));
  await Promise.all([2, 5].map((i) => upgraded(sockets[i])));
  return sockets;
}

/** Runs `op` from /fx on `nsp`; what each of the six hears. */
async function hearing(t, nsp, prepare, ...operations) {
  const sockets = await mixed(t, nsp);
  const operator = await joiner(fixture, ways.websocket)(t);
  await prepare(sockets);
  return heard(operator, sockets, async () => {
    for (const c of operations) await operate(operator, 'emit', { nsp, ...c });
  });
}

const nobody = async () => {};
const all = (...events) => Array(6).fill(events);

test('UW1 a broadcast reaches clients of every transport', async (t) => {
  assert.deepEqual(await hearing(t, '/', nobody, { event: 'a', args: ['b'] }), all(['a', 'b']));
});

test('UW2 a broadcast in a namespace reaches clients of every transport', async (t) => {
  assert.deepEqual(await hearing(t, '/custom', nobody, { event: 'a' }), all(['a']));
});

test('UW3 a broadcast in a dynamic namespace reaches clients of every transport', async (t) => {
  assert.deepEqual(await hearing(t, '/dyn-3', nobody, { event: 'a' }), all(['a']));
});

test('UW4 a broadcast with binary reaches clients of every transport', async (t) => {
  const args = [bytes, { deep: [Buffer.alloc(4000, 7)] }];
  assert.deepEqual(await hearing(t, '/dyn-4', nobody, { event: 'bin', args }), all(['bin', ...args]));
});

test('UW5 a volatile broadcast with binary reaches clients of every transport that are ready', async (t) => {
  const sockets = await mixed(t, '/dyn-5');
  const operator = await joiner(fixture, ways.websocket)(t);
  const waiting = new Set(sockets.keys());
  for (const [i, socket] of sockets.entries()) {
    onAny(socket, (name, value) => {
      assert.deepEqual([name, value], ['bin', bytes]);
      waiting.delete(i);
    });
  }
  // A poll may be on its way back just now: then this one is dropped for its client, and the next one is not.
  for (let i = 0; i < 1000 && waiting.size > 0; ++i)
    await operate(operator, 'emit', { nsp: '/dyn-5', volatile: true, event: 'bin', args: [bytes] });
  assert.deepEqual([...waiting], []);
});

/** The first poller, the second WebSocket and the first that upgraded. */
const some = [0, 4, 2];

test('UW6 a broadcast to a room reaches its members of every transport', async (t) => {
  const join = async (sockets) => { for (const i of some) await ask(sockets[i], 'join', 'room'); };
  const lists = await hearing(t, '/dyn-6', join, { rooms: ['room'], event: 'a' });
  assert.deepEqual(lists, Array.from({ length: 6 }, (_, i) => (some.includes(i) ? [['a']] : [])));
});

test('UW7 a broadcast to several rooms reaches each member once', async (t) => {
  const join = async (sockets) => {
    for (const i of some) await ask(sockets[i], 'join', ['one', 'two']);
    await ask(sockets[5], 'join', 'three');
  };
  const lists = await hearing(t, '/dyn-7', join, { rooms: ['one', 'two', 'three'], event: 'a' });
  assert.deepEqual(lists, Array.from({ length: 6 }, (_, i) => (some.includes(i) || i === 5 ? [['a']] : [])));
});

test('UW8 a broadcast to all but a room leaves its members out', async (t) => {
  const join = async (sockets) => { for (const i of some) await ask(sockets[i], 'join', 'quiet'); };
  const lists = await hearing(t, '/dyn-8', join, { except: ['quiet'], event: 'a' });
  assert.deepEqual(lists, Array.from({ length: 6 }, (_, i) => (some.includes(i) ? [] : [['a']])));
});
