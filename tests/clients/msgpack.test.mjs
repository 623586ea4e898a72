// Clients with socket.io-msgpack-parser: what is on their wire, beside clients of JSON on the same port, and what becomes
// of those who do not keep to it. (All that clients do otherwise, they do with this parser too: client.mjs.)

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, describe, test } from 'node:test';

import msgpack from 'socket.io-msgpack-parser';
import { WebSocket } from 'ws';

import {
  ask, connected, everyWay, heard, joiner, ofMsgpack, onAny, open, operate, refusedWith, upgraded, ways,
} from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { connect, transports } from '../support/packets.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture({ WORKERS: 4, ALLOW_EIO3: 1, PER_MESSAGE_DEFLATE: 1 });
const onlyMsgpack = await startFixture({ WORKERS: 2, ALLOW_EIO3: 1, PARSER: 'msgpack' });
after(() => Promise.all([fixture.stop(), onlyMsgpack.stop()]));

const encode = (packet) => new msgpack.Encoder().encode(packet)[0];
const decode = (message) => {
  const decoder = new msgpack.Decoder();
  let packet;
  decoder.on('decoded', (decoded) => (packet = decoded));
  decoder.add(message);
  return packet;
};

let namespaces = 0;
const ownNamespace = () => `/dyn-${++namespaces}`;

/** Each Engine.IO message that a socket's connection gets while `action` runs. */
async function messages(socket, action) {
  const all = [];
  const note = (packet) => packet.type === 'message' && all.push(packet.data);
  socket.io.engine.on('packet', note);
  await action();
  socket.io.engine.off('packet', note);
  return all;
}

for (const { title, transports, generation } of everyWay(Object.keys(ways), ofMsgpack)) {
  describe(title, { concurrency: 4 }, () => {
    const join = joiner(fixture, transports, generation);

    test('every packet is one binary message with type, data and nsp', async (t) => {
      const socket = await join(t);
      const seen = await messages(socket, () => ask(socket, 'echo', Buffer.from('z'), { deep: [Buffer.alloc(3)] }));
      assert.ok(seen.every((message) => Buffer.isBuffer(message)), 'no text');
      assert.deepEqual(seen.map(decode).map(({ type, data, nsp }) => ({ type, data, nsp })),
        [{ type: 3, data: [Buffer.from('z'), { deep: [Buffer.alloc(3)] }], nsp: '/fx' }]);
    });

    test('what comes of values in JSON comes of them here too', async (t) => {
      const socket = await join(t);
      const date = new Date(1_234_567_890_123);
      const args = [undefined, { gone: undefined, kept: null }, date, { at: date }, NaN, -Infinity, -0, 1e15, 2 ** 53, 0.1];
      const answer = await new Promise((resolve) => socket.emit('echo', ...args, (...back) => resolve(back)));
      assert.deepEqual(answer, JSON.parse(JSON.stringify(args)));
    });

    test('clients of both parsers and all ways are in one room', async (t) => {
      const nsp = ownNamespace();
      const own = await join(t, nsp);
      const others = await Promise.all(everyWay(undefined, [4, ...ofMsgpack]).map((way) =>
        joiner(fixture, way.transports, way.generation)(t, nsp)));
      const sockets = [own, ...others];
      for (const socket of sockets) await ask(socket, 'join', 'room');
      const args = [1, { deep: [Buffer.from('z'), null] }, 'ü'.repeat(2000), Buffer.alloc(0)];
      const lists = await heard(own, sockets, async () => {
        await ask(own, 'bcast', { event: 'of msgpack', rooms: ['room'], args });
        await ask(others[0], 'bcast', { event: 'of json', rooms: ['room'], args });
      });
      assert.deepEqual(lists[0], [['of json', ...args]]);
      assert.deepEqual(lists[1], [['of msgpack', ...args]]);
      for (const list of lists.slice(2)) assert.deepEqual(list, [['of msgpack', ...args], ['of json', ...args]]);
    });

    test('a refusal comes with its data, and an unknown namespace is one', async (t) => {
      const options = { transports, generation };
      const refused = await refusedWith(open(t, fixture, '/mw', { ...options, auth: { token: 'wrong' } }));
      assert.deepEqual([refused.message, refused.data], ['not authorized', { code: 401, label: 'AUTH' }]);
      const unknown = await refusedWith(open(t, fixture, '/unknown', options));
      assert.equal(unknown.message, 'Invalid namespace');
    });
  });
}

test('the browser\'s bundle with this parser, which writes some values in its own way, is understood', async (t) => {
  globalThis.WebSocket = WebSocket; // as in a browser
  t.after(() => delete globalThis.WebSocket);
  const { io } = createRequire(import.meta.url)('../node_modules/socket.io-client/dist/socket.io.msgpack.min.js');
  const socket = io(`${fixture.url}/fx`, { transports: ways.websocket, forceNew: true, reconnection: false });
  t.after(() => socket.disconnect());
  await connected(socket);
  const bytes = new Uint8Array([1, 0, 255]).buffer;
  const args = [bytes, { deep: [bytes, 'ü'] }, new Date(0), undefined, -1];
  const answer = await new Promise((resolve) => socket.emit('echo', ...args, (...back) => resolve(back)));
  assert.deepEqual(answer, [bytes, { deep: [bytes, 'ü'] }, '1970-01-01T00:00:00.000Z', null, -1]);
});

test('a connection keeps to its encoding through the upgrade', async (t) => {
  const socket = await joiner(fixture, ways['polling, then websocket'], '4 with msgpack')(t);
  await upgraded(socket);
  const seen = await messages(socket, () => ask(socket, 'echo', 'x'));
  assert.deepEqual(seen.map((message) => Buffer.isBuffer(message)), [true]);
});

for (const [way, openRaw] of Object.entries(transports)) {
  describe(`what is no packet, over ${way}`, { concurrency: 8 }, () => {
    const echo = { type: 2, data: ['echo', 1], nsp: '/fx' };
    /** An event whose data are these bytes. */
    const withData = (bytes) => Buffer.concat([Buffer.from('83a47479706502a36e7370a32f6678a464617461', 'hex'), bytes]);
    const bad = {
      'JSON behind MessagePack': '2/fx,["echo",1]',
      'no MessagePack': Buffer.from([0xc1]),
      'nothing at all': Buffer.alloc(0),
      'no map': Buffer.from([0x93, 1, 2, 3]),
      'bytes behind the packet': Buffer.concat([encode(echo), Buffer.from([0])]),
      'half a packet': encode(echo).subarray(0, 9),
      'an unknown type': encode({ ...echo, type: 5 }),
      'a type that is no number': encode({ ...echo, type: '2' }),
      'no namespace': encode({ type: 2, data: ['echo'] }),
      'a namespace that is not joined': encode({ ...echo, nsp: '/custom' }),
      'data that is no array': encode({ ...echo, data: { 0: 'echo' } }),
      'an event without a name': encode({ ...echo, data: [] }),
      'a reserved event': encode({ ...echo, data: ['disconnect'] }),
      'an id that is none': encode({ ...echo, id: 'a' }),
      'a second CONNECT': encode({ type: 0, nsp: '/fx' }),
      'an array of four thousand million': withData(Buffer.from('ddffffffff', 'hex')),
      'a binary of four thousand million': withData(Buffer.from('c6ffffffff', 'hex')),
      'arrays a hundred thousand deep': withData(Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.from([0x90])])),
      'text that is not UTF-8': withData(Buffer.from('92a46563686fa1ff', 'hex')),
      'too many binaries': encode({ ...echo, data: ['echo', ...Array(11).fill(Buffer.from('x'))] }),
    };
    for (const [what, packet] of Object.entries(bad)) {
      test(`${what} ends the connection of its sender alone`, async (t) => {
        const other = await joiner(fixture, ways.websocket, '4 with msgpack')(t);
        const client = await openRaw(fixture);
        t.after(() => client.close());
        client.send(encode({ type: 0, nsp: '/fx' }));
        const { type, nsp, data } = decode(await client.next());
        assert.deepEqual([type, nsp, typeof data.sid], [0, '/fx', 'string']);
        client.send(packet);
        await client.ended();
        await until(() => operate(other, 'reason', { id: data.sid }), 'its end on the server');
        assert.equal(await ask(other, 'echo', 'unharmed'), 'unharmed');
      });
    }

    test('MessagePack behind JSON ends the connection', async (t) => {
      const client = await openRaw(fixture);
      t.after(() => client.close());
      await connect(client, '/fx');
      client.send(encode(echo));
      await client.ended();
    });
  });
}

describe('a server of MessagePack alone', () => {
  test('serves its clients', async (t) => {
    const socket = await joiner(onlyMsgpack, ways.polling, '4 with msgpack')(t);
    assert.deepEqual(await ask(socket, 'echo', Buffer.from('z')), Buffer.from('z'));
  });

  test('and ends connections of JSON, but for those of client 2', async (t) => {
    const socket = open(t, onlyMsgpack, '/fx', { transports: ways.websocket });
    await new Promise((resolve) => socket.io.once('close', resolve));
    assert.equal(socket.connected, false);
    const old = await joiner(onlyMsgpack, ways.websocket, 2)(t);
    assert.equal(await ask(old, 'echo', 'x'), 'x');
  });
});

test('a volatile broadcast reaches those of MessagePack that are ready', async (t) => {
  const nsp = ownNamespace();
  const socket = await joiner(fixture, ways.websocket, '4 with msgpack')(t, nsp);
  let got = 0;
  onAny(socket, (name) => name === 'v' && ++got);
  for (let i = 0; i < 100 && got === 0; ++i) await operate(socket, 'emit', { nsp, volatile: true, event: 'v' });
  assert.ok(got > 0);
});
