// The stock clients with compression: their WebSocket is `ws`, which offers permessage-deflate.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { ask, heard, joiner, ofMsgpack, operate, overEveryWay, upgraded } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';

const fixture = await startFixture({ WORKERS: 4, PER_MESSAGE_DEFLATE: 1, ALLOW_EIO3: 1 });
after(() => fixture.stop());

const words = 'one two three four five six seven '.repeat(600);
const args = [words, { deep: [Buffer.from(words), 'ü'.repeat(3000)] }, Buffer.alloc(10, 7)];

let namespaces = 0;
const ownNamespace = () => `/dyn-${++namespaces}`;

/** Bytes that came over a socket's WebSocket while `action` ran. */
async function received(socket, action) {
  const stream = socket.io.engine.transport.ws._socket;
  const before = stream.bytesRead;
  await action();
  return stream.bytesRead - before;
}

overEveryWay(fixture, (join) => {
  test('large arguments and attachments come back as they were', async (t) => {
    const socket = await join(t);
    assert.deepEqual(await ask(socket, 'echo', words), words);
    for (let round = 0; round < 3; ++round) {
      const lists = await heard(socket, [socket], () => operate(socket, 'emit', { event: 'a', args }));
      assert.deepEqual(lists, [[['a', ...args]]]);
    }
  });

  test('a broadcast reaches those with and those without it', async (t) => {
    const nsp = ownNamespace();
    const sockets = await Promise.all([0, 1, 2, 3, 4].map((i) => join(t, nsp, { perMessageDeflate: i % 2 === 0 && { threshold: 1024 } })));
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { event: 'a', args }));
    assert.deepEqual(lists, sockets.map(() => [['a', ...args]]));
  });
});

describe('over a WebSocket', () => {
  const join = joiner(fixture, ['websocket']);
  const deflating = { perMessageDeflate: { threshold: 1024 } };

  test('NS21 SK43 what is sent is compressed by default', async (t) => {
    const socket = await join(t, ownNamespace(), deflating);
    const bytes = await received(socket, () =>
      heard(socket, [socket], () => operate(socket, 'emit', { event: 'a', args: [words] })));
    assert.ok(bytes < 2000, `${bytes} bytes`);
  });

  test('NS22 compress(false) turns it off for that broadcast', async (t) => {
    const socket = await join(t, ownNamespace(), deflating);
    const bytes = await received(socket, () =>
      heard(socket, [socket], () => operate(socket, 'emit', { compress: false, event: 'a', args: [words] })));
    assert.ok(bytes > words.length, `${bytes} bytes`);
  });

  test('clients of all generations and parsers hear the same', async (t) => {
    const nsp = ownNamespace();
    const joins = [4, 3, 2, 4, 3, 2, ...ofMsgpack, ...ofMsgpack].map((generation) => joiner(fixture, ['websocket'], generation)(t, nsp, deflating));
    const sockets = await Promise.all(joins);
    const lists = await heard(sockets[0], sockets, async () => {
      for (let round = 0; round < 3; ++round) await operate(sockets[0], 'emit', { event: 'a', args });
    });
    assert.deepEqual(lists, sockets.map(() => Array(3).fill(['a', ...args])));
  });

  test('an upgraded connection has it too', async (t) => {
    const socket = await joiner(fixture, ['polling', 'websocket'])(t, ownNamespace(), deflating);
    await upgraded(socket);
    const bytes = await received(socket, () => ask(socket, 'echo', words));
    assert.ok(bytes < 2000, `${bytes} bytes`);
  });
});
