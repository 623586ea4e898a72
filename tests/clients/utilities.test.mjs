// Many sockets at once: fetched, moved between rooms, disconnected; and what sockets carry.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ask, event, operate, overEveryWay } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture({ WORKERS: 4, ALLOW_EIO3: 1 });
after(() => fixture.stop());

let namespaces = 0;

overEveryWay(fixture, (join) => {
  async function several(t, count, options) {
    const nsp = `/dyn-${++namespaces}`;
    const sockets = await Promise.all(Array.from({ length: count }, () => join(t, nsp, options)));
    return sockets.sort((a, b) => (a.id < b.id ? -1 : 1)); // as the server's answers are
  }
  const rooms = async (socket) => (await ask(socket, 'info')).rooms.filter((room) => room !== socket.id);

  test('UM1 CA21 AD7 fetchSockets of the namespace', async (t) => {
    const sockets = await several(t, 4, { auth: { token: 'x' } });
    await ask(sockets[2], 'join', ['b', 'a']);
    await ask(sockets[2], 'setData', { name: 'Ada', deep: { list: [1, null] } });
    await ask(sockets[2], 'setData', { age: 36, name: 'Grace' });
    const { sockets: found } = await operate(sockets[0], 'fetchSockets');
    assert.deepEqual(found, sockets.map(({ id }, i) => ({
      id,
      rooms: i === 2 ? [id, 'a', 'b'].sort() : [id],
      data: i === 2 ? { name: 'Grace', deep: { list: [1, null] }, age: 36 } : {},
      auth: { token: 'x' },
    })));
  });

  test('UM2 CA22 AD8 fetchSockets of a room', async (t) => {
    const sockets = await several(t, 4);
    for (const i of [1, 3]) await ask(sockets[i], 'join', 'room');
    const ids = async (c) => (await operate(sockets[0], 'fetchSockets', c)).sockets.map(({ id }) => id);
    assert.deepEqual(await ids({ rooms: ['room'] }), [sockets[1].id, sockets[3].id]);
    assert.deepEqual(await ids({ rooms: ['room'], except: [sockets[1].id] }), [sockets[3].id]);
    assert.deepEqual(await ids({ rooms: [sockets[2].id] }), [sockets[2].id]);
    assert.deepEqual(await ids({ local: true, except: ['room'] }), [sockets[0].id, sockets[2].id]);
  });

  test('UM4 CA13 socketsJoin for all', async (t) => {
    const sockets = await several(t, 4);
    assert.deepEqual(await operate(sockets[0], 'socketsJoin', { join: ['a', 'b'] }), { ok: true });
    for (const socket of sockets) assert.deepEqual(await rooms(socket), ['a', 'b']);
  });

  test('UM5 CA14 socketsJoin for the members of a room', async (t) => {
    const sockets = await several(t, 4);
    for (const i of [1, 3]) await ask(sockets[i], 'join', 'old');
    await operate(sockets[0], 'socketsJoin', { rooms: ['old'], join: 'new' });
    assert.deepEqual(await Promise.all(sockets.map(rooms)), [[], ['new', 'old'], [], ['new', 'old']]);
  });

  test('UM6 CA16 socketsLeave for all', async (t) => {
    const sockets = await several(t, 4);
    for (const socket of sockets) await ask(socket, 'join', ['a', 'b']);
    await operate(sockets[0], 'socketsLeave', { leave: 'a' });
    for (const socket of sockets) assert.deepEqual(await rooms(socket), ['b']);
  });

  test('UM7 CA17 socketsLeave for the members of a room', async (t) => {
    const sockets = await several(t, 3);
    for (const socket of sockets) await ask(socket, 'join', 'a');
    await ask(sockets[1], 'join', 'b');
    await operate(sockets[0], 'socketsLeave', { rooms: ['b'], leave: ['a', 'b'] });
    assert.deepEqual(await Promise.all(sockets.map(rooms)), [['a'], [], ['a']]);
  });

  test('CA15 one joins by its id, CA18 and leaves, whichever worker it is on', async (t) => {
    const sockets = await several(t, 5);
    for (const [i, { id }] of sockets.entries()) {
      await operate(sockets[0], 'socketsJoin', { rooms: [id], join: ['a', 'b'] });
      assert.deepEqual(await Promise.all(sockets.map(rooms)), sockets.map((_, k) => (k === i ? ['a', 'b'] : [])));
      await operate(sockets[0], 'socketsLeave', { rooms: [id], leave: 'a' });
      assert.deepEqual(await rooms(sockets[i]), ['b']);
      await operate(sockets[0], 'socketsLeave', { rooms: [id], leave: 'b' });
    }
  });

  test('UM8 CA19 disconnectSockets for all', async (t) => {
    const sockets = await several(t, 4);
    const observer = await join(t);
    const ends = sockets.map((socket) => event(socket, 'disconnect'));
    assert.deepEqual(await operate(observer, 'disconnectSockets', { nsp: sockets[0].nsp }), { ok: true });
    for (const [reason] of await Promise.all(ends)) assert.equal(reason, 'io server disconnect');
    assert.deepEqual((await operate(observer, 'allSockets', { nsp: sockets[0].nsp })).ids, []);
  });

  test('UM9 disconnectSockets for the members of a room, with their connections', async (t) => {
    const sockets = await several(t, 4);
    for (const i of [1, 2]) await ask(sockets[i], 'join', 'room');
    const ids = [1, 2].map((i) => sockets[i].id);
    const ends = [1, 2].map((i) => event(sockets[i].io.engine, 'close'));
    await operate(sockets[0], 'disconnectSockets', { rooms: ['room'], close: true });
    await Promise.all(ends);
    for (const id of ids)
      assert.equal((await operate(sockets[0], 'reason', { id })).reason, 'server namespace disconnect');
    const { ids: left } = await operate(sockets[0], 'allSockets');
    assert.deepEqual(left, [sockets[0].id, sockets[3].id]);
  });

  test('CA20 an event right before disconnectSockets arrives first', async (t) => {
    const sockets = await several(t, 3);
    const observer = await join(t);
    const heardBye = sockets.map((socket) => event(socket, 'bye'));
    const ends = sockets.map((socket) => event(socket, 'disconnect'));
    observer.emit('op', { op: 'emit', nsp: sockets[0].nsp, event: 'bye' });
    observer.emit('op', { op: 'disconnectSockets', nsp: sockets[0].nsp });
    await Promise.all(ends);
    await Promise.all(heardBye);
  });

  test('MM9 a room or namespace without members is empty, and is filled again', async (t) => {
    const [socket, other] = await several(t, 2);
    for (let i = 0; i < 3; ++i) {
      await ask(other, 'join', 'room');
      assert.deepEqual((await operate(socket, 'allSockets', { rooms: ['room'] })).ids, [other.id]);
      await ask(other, 'leave', 'room');
      assert.deepEqual((await operate(socket, 'allSockets', { rooms: ['room'] })).ids, []);
    }
  });

  test('a server alone is a cluster of one', async (t) => {
    const [socket] = await several(t, 1);
    assert.deepEqual(await operate(socket, 'serverCount'), { count: 1 });
    assert.deepEqual(await operate(socket, 'serverSideEmit', { event: 'x' }), { ok: true });
    assert.deepEqual(await operate(socket, 'serverSideEmitAck', { event: 'x' }), { err: false, responses: [] });
    assert.deepEqual(await operate(socket, 'nonsense'), { error: 'unknown op' });
    assert.equal(await operate(socket, 'reason', { id: 'nobody' }), null);
  });

  test('fetchSockets forgets who has gone', async (t) => {
    const sockets = await several(t, 3);
    const ids = sockets.map(({ id }) => id);
    sockets[2].io.engine.close();
    await until(() => operate(sockets[0], 'reason', { id: ids[2] }), 'the end');
    const { sockets: found } = await operate(sockets[0], 'fetchSockets');
    assert.deepEqual(found.map(({ id }) => id), ids.slice(0, 2));
  });
});
