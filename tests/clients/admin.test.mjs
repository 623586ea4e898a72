// The Admin UI's protocol, with the stock client in the UI's place: signing in, and every event of both directions. What
// the UI expects: @socket.io/admin-ui, lib/typed-events.ts.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { connected, event, open, refusedWith } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { deadline, until } from '../support/waiting.mjs';

const [basic, free, readonly, production, elsewhere] = await Promise.all([
  startFixture({ WORKERS: 4, ADMIN: 'basic' }),
  startFixture({ WORKERS: 4, ADMIN: 'none' }),
  startFixture({ WORKERS: 2, ADMIN: 'none', ADMIN_READONLY: 1 }),
  startFixture({ WORKERS: 2, ADMIN: 'none', ADMIN_MODE: 'production' }),
  startFixture({ WORKERS: 2, ADMIN: 'none', ADMIN_NAMESPACE: '/custom-admin', ADMIN_READONLY: 1, ADMIN_MODE: 'production' }),
]);
after(() => Promise.all([basic, free, readonly, production, elsewhere].map((fixture) => fixture.stop())));

const credentials = { username: 'admin', password: 'changeit' };
const isDate = (text) => assert.equal(new Date(text).toISOString(), text);

/** A socket that keeps what it hears: `told(event)`, `awaits(event, matches)`. */
function looker(t, fixture, { nsp = '/admin', ...options } = {}) {
  const socket = open(t, fixture, nsp, options);
  const all = [];
  socket.onAny((name, ...args) => all.push({ event: name, args }));
  return Object.assign(socket, {
    all,
    told: (name) => all.filter((each) => each.event === name).map(({ args }) => args),
    awaits: (name, matches = () => true) =>
      until(() => all.find((each) => each.event === name && matches(...each.args))?.args, `${name} for the UI`),
  });
}

describe('signing in', { concurrency: 4 }, () => {
  test('by name and password: a session comes first, then what can be done', async (t) => {
    const admin = looker(t, basic, { auth: credentials });
    await connected(admin);
    await admin.awaits('all_sockets');
    await until(() => admin.told('session').length === 2, 'the session once more, for who listens from now on only');
    assert.deepEqual(
      admin.all.map(({ event: name }) => name).filter((name) => ['session', 'config'].includes(name)),
      ['session', 'config', 'session'],
    );
    const [[first], [second]] = admin.told('session');
    assert.match(first, /^[0-9a-f]{32}$/);
    assert.equal(first, second);
  });

  test('by a session, once for each time that the connection breaks', async (t) => {
    const first = looker(t, basic, { auth: credentials });
    const [sessionId] = await first.awaits('session');
    await connected(first);
    for (let i = 0; i < 4; i += 1) {
      const again = looker(t, basic, { auth: { sessionId } });
      await connected(again);
      await again.awaits('all_sockets');
      assert.deepEqual(again.told('session'), []);
    }
  });

  for (const [what, auth] of Object.entries({
    nothing: undefined,
    'a wrong password': { ...credentials, password: 'changeIt' },
    'a wrong name': { ...credentials, username: 'root' },
    'a name alone': { username: 'admin' },
    'a session that there is not': { sessionId: '1234' },
    'a session of another kind': { sessionId: ['1234'] },
  }))
    test(`not with ${what}`, async (t) => {
      const stranger = looker(t, basic, { auth });
      assert.equal((await refusedWith(stranger)).message, 'invalid credentials');
      assert.deepEqual(stranger.all, []);
    });

  test('over MessagePack', async (t) => {
    const admin = looker(t, basic, { auth: credentials, generation: '4 with msgpack' });
    await connected(admin);
    const [sockets] = await admin.awaits('all_sockets');
    assert.ok(sockets.some(({ id }) => id === admin.id));
    assert.equal(admin.told('session')[0].length, 1);
  });

  test('a session after a wrong one takes the password', async (t) => {
    const admin = looker(t, basic, { auth: { sessionId: 'old', ...credentials } });
    await connected(admin);
    await admin.awaits('session');
  });
});

describe('what can be done', () => {
  const actions = ['EMIT', 'JOIN', 'LEAVE', 'DISCONNECT', 'MJOIN', 'MLEAVE', 'MDISCONNECT'];
  for (const [what, fixture, nsp, expected] of [
    ['everything', free, '/admin', [...actions, 'AGGREGATED_EVENTS', 'ALL_EVENTS']],
    ['nothing when it is read-only', readonly, '/admin', ['AGGREGATED_EVENTS', 'ALL_EVENTS']],
    ['without details in production', production, '/admin', [...actions, 'AGGREGATED_EVENTS']],
    ['at another namespace', elsewhere, '/custom-admin', ['AGGREGATED_EVENTS']],
  ])
    test(what, async (t) => {
      const [config] = await looker(t, fixture, { nsp }).awaits('config');
      assert.deepEqual(config, { supportedFeatures: expected });
    });

  test('a read-only server does nothing', async (t) => {
    const client = open(t, readonly, '/fx');
    client.onAny((event) => assert.ok(event !== 'hello', event));
    await connected(client);
    const admin = looker(t, readonly);
    await admin.awaits('all_sockets');
    admin.emit('emit', '/fx', undefined, 'hello');
    admin.emit('join', '/fx', 'room');
    admin.emit('_disconnect', '/fx', true);
    const last = open(t, readonly, '/fx');
    await connected(last);
    await admin.awaits('socket_connected', ({ id }) => id === last.id);
    assert.ok(client.connected);
    assert.deepEqual(admin.told('room_joined').filter(([, room]) => room === 'room'), []);
  });
});

describe('what is told', { concurrency: 4 }, () => {
  test('all sockets, as the UI takes them', async (t) => {
    const client = open(t, free, '/fx', {
      transports: ['websocket'], query: { a: 'b' }, auth: { token: 'a secret' }, extraHeaders: { 'X-Forwarded-For': '10.1.2.3' },
    });
    await connected(client);
    const [sockets] = await looker(t, free).awaits('all_sockets');
    const socket = sockets.find(({ id }) => id === client.id);
    assert.deepEqual(Object.keys(socket).sort(), ['clientId', 'data', 'handshake', 'id', 'nsp', 'rooms', 'transport']);
    assert.equal(socket.nsp, '/fx');
    assert.equal(socket.transport, 'websocket');
    assert.equal(socket.clientId, client.io.engine.id.slice(0, 12));
    assert.deepEqual(socket.rooms, [client.id]);
    const { handshake } = socket;
    assert.deepEqual(
      Object.keys(handshake).sort(),
      ['address', 'headers', 'issued', 'query', 'secure', 'time', 'url', 'xdomain'],
    );
    assert.equal(handshake.address, '10.1.2.3');
    assert.equal(handshake.query.a, 'b');
    assert.equal(handshake.headers['x-forwarded-for'], '10.1.2.3');
    assert.ok(Math.abs(handshake.issued - Date.now()) < 60_000);
    assert.ok(!JSON.stringify(sockets).includes('a secret'));
  });

  test('a socket from its coming to its end, and the change of its transport', async (t) => {
    const admin = looker(t, free);
    await admin.awaits('all_sockets');
    const client = open(t, free, '/fx', { transports: ['polling', 'websocket'] });
    await connected(client);
    const [, at] = await admin.awaits('socket_connected', ({ id }) => id === client.id);
    isDate(at);
    const [update] = await admin.awaits('socket_updated', ({ id, transport }) => id === client.id && transport);
    assert.deepEqual(update, { id: client.id, nsp: '/fx', transport: 'websocket' });
    const { id } = client;
    client.disconnect();
    const [nsp, , reason, left] = await admin.awaits('socket_disconnected', (_, which) => which === id);
    assert.deepEqual([nsp, reason], ['/fx', 'client namespace disconnect']);
    isDate(left);
    for (const event of ['room_joined', 'room_left']) await admin.awaits(event, (n, room, who) => room === id && who === id);
  });

  test('rooms, data and events in both directions, with bytes', async (t) => {
    const admin = looker(t, free);
    await admin.awaits('all_sockets');
    const client = open(t, free, '/fx');
    await connected(client);
    const own = (nsp, id) => nsp === '/fx' && id === client.id;

    await client.emitWithAck('echo', 1, Buffer.from([3]));
    const [, , received, at] = await admin.awaits('event_received', (nsp, id, [event]) => own(nsp, id) && event === 'echo');
    assert.deepEqual(received, ['echo', 1, Buffer.from([3])]);
    isDate(at);
    admin.emit('join', '/fx', 'hall', client.id);
    const [, room, , when] = await admin.awaits('room_joined', (nsp, name, id) => own(nsp, id) && name === 'hall');
    assert.equal(room, 'hall');
    isDate(when);
    const hello = event(client, 'hello');
    admin.emit('emit', '/fx', 'hall', 'hello', 1, '2', Buffer.from([3]));
    await deadline(hello, 'hello');
    const [, , sent] = await admin.awaits('event_sent', (nsp, id, [event]) => own(nsp, id) && event === 'hello');
    assert.deepEqual(sent, ['hello', 1, '2', Buffer.from([3])]);
    admin.emit('leave', '/fx', 'hall', client.id);
    await admin.awaits('room_left', (nsp, name, id) => own(nsp, id) && name === 'hall');
  });

  test('how the server fares, every two seconds', async (t) => {
    const admin = looker(t, free, { transports: ['websocket'] });
    const polling = open(t, free, '/fx', { transports: ['polling'] });
    await Promise.all([connected(admin), connected(polling)]);
    const before = Date.now();
    const stats = await until(
      () => admin.told('server_stats').map(([each]) => each).find(({ pollingClientsCount }) => pollingClientsCount > 0),
      'a client that polls',
    );
    assert.equal(stats.serverId, `${stats.hostname}#${free.pid}`);
    assert.equal(stats.pid, free.pid);
    assert.ok(stats.uptime > 0 && stats.clientsCount >= 2);
    const count = (name) => stats.namespaces.find((nsp) => nsp.name === name)?.socketsCount ?? 0;
    assert.ok(count('/admin') >= 1 && count('/fx') >= 1 && stats.namespaces.some(({ name }) => name === '/'));
    for (const { timestamp, type, count: n } of stats.aggregatedEvents) {
      assert.equal(timestamp % 1000, 0);
      assert.ok(Math.abs(timestamp - before) < 60_000);
      assert.match(type, /^(raw(Connection|Disconnection)|(packets|bytes)(In|Out))$/);
      assert.ok(Number.isInteger(n) && n > 0);
    }
    polling.disconnect();
    await until(
      () => admin.told('server_stats').some(([{ aggregatedEvents }]) =>
        aggregatedEvents.some(({ type, subType }) => type === 'rawDisconnection' && subType === 'transport close')),
      'the end of a connection among the counts',
    );
  });

  test('nothing but that in production', async (t) => {
    const admin = looker(t, production);
    await connected(admin);
    const client = open(t, production, '/fx');
    await connected(client);
    await client.emitWithAck('echo', 1);
    client.disconnect();
    await until(() => admin.told('server_stats').length >= 2, 'counts');
    assert.deepEqual(new Set(admin.all.map(({ event }) => event)), new Set(['config', 'server_stats']));
  });
});

describe('what is done', { concurrency: 4 }, () => {
  // Namespaces of their own, for what is done to all of one.
  const crowd = async (t, nsp) => {
    const sockets = Array.from({ length: 6 }, () => open(t, free, nsp, { transports: ['websocket'] }));
    await Promise.all(sockets.map(connected));
    return sockets;
  };

  test('emitting to all sockets of all workers, to a room, to one', async (t) => {
    const sockets = await crowd(t, '/dyn-801');
    const got = sockets.map(() => []);
    sockets.forEach((socket, i) => socket.on('said', (word) => got[i].push(word)));
    const admin = looker(t, free);
    await connected(admin);
    admin.emit('join', '/dyn-801', 'pair', sockets[0].id);
    admin.emit('join', '/dyn-801', 'pair', sockets[5].id);
    admin.emit('emit', '/dyn-801', 'pair', 'said', 'pair');
    admin.emit('emit', '/dyn-801', sockets[2].id, 'said', 'one');
    admin.emit('emit', '/dyn-801', undefined, 'said', 'all');
    await until(() => got.every((words) => words.includes('all')), 'a word to all');
    assert.deepEqual(got, [['pair', 'all'], ['all'], ['one', 'all'], ['all'], ['all'], ['pair', 'all']]);
  });

  test('making a whole room leave and end', async (t) => {
    const sockets = await crowd(t, '/dyn-802');
    const admin = looker(t, free);
    await admin.awaits('all_sockets');
    const ends = sockets.map((socket) => new Promise((resolve) => socket.once('disconnect', resolve)));
    admin.emit('join', '/dyn-802', 'everybody');
    await until(() => admin.told('room_joined').filter(([, room]) => room === 'everybody').length === 6, 'six to join');
    admin.emit('leave', '/dyn-802', 'everybody', sockets[0].id);
    admin.emit('_disconnect', '/dyn-802', false, 'everybody');
    assert.deepEqual(await Promise.all(ends.slice(1)), Array(5).fill('io server disconnect'));
    assert.ok(sockets[0].connected);
    admin.emit('_disconnect', '/dyn-802', true, sockets[0].id);
    await deadline(ends[0], 'the end of the last');
    await until(() => sockets[0].io.engine.readyState === 'closed', 'the end of its connection');
  });

  test('nonsense costs nobody anything', async (t) => {
    const sockets = await crowd(t, '/dyn-803');
    sockets.forEach((socket) => socket.onAny((event) => assert.equal(event, 'sane')));
    const admin = looker(t, free);
    await connected(admin);
    for (const args of [[], [1], ['/dyn-803'], ['/dyn-803', {}], ['/dyn-803', [1], 'x'], [null, null, 'x'], ['~1', null, 'x'],
      ['/dyn-803', null, 'disconnect'], ['/dyn-803', null, 'connect_error'], ['/dyn-803', 'x'.repeat(10_000), 'x']])
      for (const action of ['emit', 'join', 'leave']) admin.emit(action, ...args);
    admin.emit('_disconnect');
    admin.emit('_disconnect', '/dyn-803', true, [7]);
    const sane = sockets.map((socket) => event(socket, 'sane'));
    admin.emit('emit', '/dyn-803', null, 'sane');
    await deadline(Promise.all(sane), 'a sane word');
    assert.ok(admin.connected);
  });
});
