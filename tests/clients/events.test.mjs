// Events in both directions: every kind of argument, order, size, and what the server knows of a client.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';

import { ask, event, heard, joiner, ofMsgpack, operate, overEveryWay, upgraded, ways } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';

const fixture = await startFixture({ WORKERS: 4, MAX_HTTP_BUFFER_SIZE: 16_000_000, ALLOW_EIO3: 1 });
after(() => fixture.stop());

overEveryWay(fixture, (join, way, generation) => {
  const revision = generation === 2 ? 3 : 4; // of Engine.IO

  /** What comes back for the arguments, by way of `echo` without acknowledgement. */
  const echoed = (socket, ...args) => {
    const back = event(socket, 'echo');
    socket.emit('echo', ...args);
    return back;
  };

  test('SK3 the server receives events, SK7 and emits them', async (t) => {
    const socket = await join(t);
    assert.deepEqual(await echoed(socket, 'a', 'b'), ['a', 'b']);
    assert.deepEqual(await echoed(socket), []);
  });

  test('SK4 send arrives as the event message', async (t) => {
    const socket = await join(t, '/');
    const back = event(socket, 'message-back');
    socket.send('a', 'b');
    assert.deepEqual(await back, ['a', 'b']);
  });

  test('SK23 what the server emits as message is the client\'s message', async (t) => {
    const socket = await join(t);
    const heardMessage = event(socket, 'message');
    await operate(socket, 'emit', { rooms: [socket.id], event: 'message', args: ['a', 'b'] });
    assert.deepEqual(await heardMessage, ['a', 'b']);
  });

  test('SK5 null arrives as null', async (t) => {
    const socket = await join(t);
    assert.deepEqual(await echoed(socket, null, [null], { n: null }), [null, [null], { n: null }]);
  });

  test('SK8 multibyte characters arrive unchanged', async (t) => {
    const socket = await join(t, '/');
    const texts = ['てすと', 'Я Б Г Д Ж Й', 'Ä ä Ü ü ß', 'utf8 — string', 'utf8 — string'];
    const received = [];
    const all = new Promise((resolve) => socket.on('takeUtf8', (text) => received.push(text) === 5 && resolve()));
    socket.emit('getUtf8');
    await all;
    assert.deepEqual(received, texts);
    assert.equal(await ask(socket, 'echo', '𝄞 \u0000 \u2028 \ud83d\ude00 "\\\n'), '𝄞 \u0000 \u2028 \ud83d\ude00 "\\\n');
  });

  test('SK9 the server emits binary arguments', async (t) => {
    const socket = await join(t, '/');
    const [doge, bin] = [event(socket, 'doge'), event(socket, 'takebin')];
    socket.emit('doge');
    socket.emit('getbin');
    assert.deepEqual([await doge, await bin], [[Buffer.from('asdfasdf')], [Buffer.from('asdfasdf')]]);
  });

  test('SK10 the server emits mixed arguments, SK12 and receives them', async (t) => {
    const socket = await join(t);
    const args = [1, '2', { 3: ['4'], 5: Buffer.from('6') }, [Buffer.alloc(0)], true, -0.5, Buffer.from('7')];
    assert.deepEqual(await echoed(socket, ...args), args);
  });

  test('SK11 the server receives binary arguments', async (t) => {
    const socket = await join(t, '/');
    const first = event(socket, 'buffack');
    socket.emit('buffa', 'no binary');
    socket.emit('buffa', Buffer.from('asdfasdf'));
    await first;
    const second = event(socket, 'jsonbuff-ack');
    socket.emit('jsonbuff', { hello: 'lol', message: Buffer.from('howdy'), goodbye: 'gotcha' });
    await second;
    const third = event(socket, 'abuff2-ack');
    socket.emit('abuff1', Buffer.from('abuff1'));
    socket.emit('abuff2', 'please arrive second');
    await third;
  });

  test('ES92 ES93 ES94 ES95 ES96 PN3 PN4 PN5 PN6 SX1 SX3 every kind of binary view arrives as its bytes', async (t) => {
    const socket = await join(t);
    const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
    const views = [bytes, bytes.buffer, bytes.subarray(2, 5), new Int32Array(bytes.buffer)];
    const back = await echoed(socket, ...views);
    // notepack writes the whole buffer of a view.
    const subarray = ofMsgpack.includes(generation) ? [...bytes] : [2, 3, 4];
    assert.deepEqual(back.map((view) => [...view]), [[...bytes], [...bytes], subarray, [...bytes]]);
  });

  test('a date arrives as text, and undefined as null', async (t) => {
    const socket = await join(t, '/');
    const date = new Date(0);
    assert.equal(await ask(socket, 'echo', date), '1970-01-01T00:00:00.000Z');
    assert.equal(await ask(socket, 'echo', undefined), null);
    assert.match(await ask(socket, 'getAckDate', {}), /^\d{4}-.*Z$/);
    const [told] = await new Promise((resolve) => {
      socket.once('takeDateObj', (...args) => resolve(args));
      socket.emit('getDateObj');
    });
    assert.ok(Math.abs(new Date(told.date) - Date.now()) < 60_000);
    const answer = event(socket, 'false');
    socket.emit('false');
    assert.deepEqual(await answer, [false]);
  });

  test('SK25 events arrive at once and in order', async (t) => {
    const socket = await join(t);
    const received = [];
    const all = new Promise((resolve) => socket.on('echo', (n) => received.push(n) === 500 && resolve()));
    for (let i = 0; i < 500; ++i) socket.emit('echo', i, i % 50 === 0 ? Buffer.from([i % 256]) : null);
    await all;
    assert.deepEqual(received, Array.from({ length: 500 }, (_, i) => i));
  });

  test('ES129 events stay in order while the transport changes', async (t) => {
    const socket = await join(t);
    const received = [];
    const all = new Promise((resolve) => socket.on('echo', (n) => received.push(n) === 200 && resolve()));
    for (let i = 0; i < 200; ++i) {
      socket.emit('echo', i);
      if (i % 10 === 0) await ask(socket, 'echo');
    }
    await all;
    if (way !== 'polling') await upgraded(socket);
    assert.deepEqual(received, Array.from({ length: 200 }, (_, i) => i));
    assert.equal((await ask(socket, 'info')).transport, way === 'polling' ? 'polling' : 'websocket');
  });

  test('SK40 a very large JSON argument arrives', async (t) => {
    const socket = await join(t);
    const large = { list: Array.from({ length: 60_000 }, (_, id) => ({ id, text: 'x'.repeat(60) })) };
    assert.deepEqual(await ask(socket, 'echo', large), large);
  });

  test('SK41 a very large binary argument arrives', async (t) => {
    const socket = await join(t);
    const large = randomBytes(6_000_000);
    assert.ok((await ask(socket, 'echo', large)).equals(large));
  });

  test('SK36 ES136 ES137 the server knows the request\'s headers, SK37 ES35 ES36 its query, ES152 ES153 and its address', async (t) => {
    const socket = await join(t, '/', { query: { key1: '1', key2: 'zwei ü' }, extraHeaders: { 'X-Custom': 'value' } });
    const handshake = await ask(socket, 'getHandshake');
    assert.equal(handshake.headers['x-custom'], 'value');
    assert.deepEqual([handshake.query.key1, handshake.query.key2, handshake.query.EIO], ['1', 'zwei ü', String(revision)]);
    assert.equal(handshake.query.transport, way === 'websocket' ? 'websocket' : 'polling');
    assert.match(handshake.url, /^\/socket\.io\/\?.*key1=1/);
    assert.equal(handshake.address, '127.0.0.1');
    assert.deepEqual([handshake.xdomain, handshake.secure], [false, false]);
    assert.ok(Math.abs(handshake.issued - Date.now()) < 60_000);
    assert.ok(Math.abs(new Date(handshake.time) - Date.now()) < 60_000);
    assert.deepEqual(handshake.auth, {});
  });

  test('SK38 the query is in the handshake of other namespaces as well', async (t) => {
    const socket = await join(t, '/fx', { query: { a: 'b' }, auth: { c: 'd' } });
    const { query, auth, name, nsp, id, protocol, recovered } = await ask(socket, 'info');
    assert.equal(query.a, 'b');
    assert.deepEqual([auth, name, nsp, id, protocol, recovered],
      [{ c: 'd' }, 'fixture', '/fx', socket.id, revision, false]);
  });

  test('SK51 packets that arrive after the disconnection are ignored', async (t) => {
    const [socket, listener] = await Promise.all([join(t, '/dyn-1'), join(t, '/dyn-1')]);
    await ask(listener, 'join', `listener ${listener.id}`);
    const rooms = [`listener ${listener.id}`];
    const lists = await heard(listener, [listener], async () => {
      const gone = event(socket, 'disconnect');
      socket.emit('bcast', { event: 'before', rooms });
      socket.emit('kick', false);
      socket.emit('bcast', { event: 'after', rooms });
      await gone;
    });
    assert.deepEqual(lists, [[['before']]]);
  });

  test('SK53 a socket that has ended is in no room', async (t) => {
    const [socket, observer] = await Promise.all([join(t, '/dyn-2'), join(t, '/dyn-2')]);
    const room = `room ${socket.id}`;
    const gone = event(socket, 'disconnect');
    socket.emit('kick', false);
    socket.emit('join', room);
    await gone;
    assert.deepEqual((await operate(observer, 'allSockets', { rooms: [room] })).ids, []);
    assert.deepEqual(await operate(observer, 'fetchSockets', { rooms: [room] }), { sockets: [] });
  });
});

test('odd arguments of the fixture\'s events harm nobody', async (t) => {
  const socket = await joiner(fixture, ways.websocket)(t);
  const odd = [null, 1, 'x', [], {}, [[]], { op: 1 }, { op: 'emit' }, Buffer.from('x'), { op: 'emit', event: {} }];
  for (const name of ['call', 'join', 'leave', 'setData', 'bcast', 'op', 'nothing', '__proto__', 'constructor'])
    for (const value of odd) socket.emit(name, value, value, value);
  for (const value of odd) assert.ok(await ask(socket, 'op', value).catch(() => true));
  assert.equal(await ask(socket, 'echo', 'here'), 'here');
});
