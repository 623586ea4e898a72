// Namespaces, static and dynamic, and their middlewares, as the stock client meets them.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import {
  ask, connected, event, heard, open, openManager, operate, overEveryWay, refusedWith, ways,
} from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture({ WORKERS: 4, ALLOW_EIO3: 1 });
const cleaning = await startFixture({ WORKERS: 2, ALLOW_EIO3: 1, CLEANUP_EMPTY_CHILD_NAMESPACES: 1 });
after(() => Promise.all([fixture.stop(), cleaning.stop()]));

let namespaces = 0;
const ownNamespace = () => `/dyn-${++namespaces}`;

overEveryWay(fixture, (join, way, generation) => {
  const options = { transports: ways[way], generation };
  const manager = (t, server = fixture) => openManager(t, server, options);

  test('MW2 a refusal arrives as connect_error with its message', async (t) => {
    const error = await refusedWith(open(t, fixture, '/no', options));
    assert.equal(error.message, 'Auth failed (custom namespace)');
    assert.equal(error.data, undefined);
  });

  test('MW3 the data of a refusal arrives as data of the error', async (t) => {
    const error = await refusedWith(open(t, fixture, '/mw', { ...options, auth: { token: 'wrong' } }));
    if (generation !== 2) assert.equal(error.message, 'not authorized');
    assert.deepEqual(error.data, { code: 401, label: 'AUTH' });
  });

  test('MW8 a client connects through a middleware', async (t) => {
    const socket = await join(t, '/mw', { auth: { token: 's3cret' } });
    assert.deepEqual(await ask(socket, 'echo', 1), 1);
    assert.deepEqual((await ask(socket, 'info')).auth, { token: 's3cret' });
  });

  test('MW9 a namespace with a middleware lives beside the main one', async (t) => {
    const shared = manager(t);
    const main = shared.socket('/');
    const guarded = shared.socket('/mw', { auth: { token: 's3cret' } });
    await Promise.all([connected(main), connected(guarded)]);
    assert.notEqual(main.id, guarded.id);
  });

  test('MW7 the middleware of the main namespace concerns no other', async (t) => {
    const shared = openManager(t, fixture, { ...options, query: { fail: 'yes' } });
    const main = shared.socket('/');
    const other = shared.socket('/fx');
    const [error] = await Promise.all([refusedWith(main), connected(other)]);
    assert.equal(error.message, 'Auth failed (main namespace)');
  });

  test('a client that was refused may try again', async (t) => {
    const auth = { token: 'wrong' };
    const socket = open(t, fixture, '/mw', { ...options, auth });
    await refusedWith(socket);
    auth.token = 's3cret';
    socket.connect();
    await connected(socket);
  });

  test('NS4 a client of the main namespace is connected without any action', async (t) => {
    const socket = await join(t, '');
    assert.match(socket.id, generation === 2 ? /^[\w-]{32}$/ : /^[\w-]{20}$/);
    assert.equal(await ask(socket, 'getId'), socket.id);
  });

  test('NS7 sockets of one client in several namespaces all connect', async (t) => {
    const shared = manager(t);
    const sockets = ['/', '/foo', '/asd', '/fx', ownNamespace()].map((nsp) => shared.socket(nsp));
    await Promise.all(sockets.map(connected));
    assert.equal(new Set(sockets.map(({ id }) => id)).size, sockets.length);
    assert.equal(new Set(sockets.map(({ io: { engine } }) => engine.id)).size, 1);
  });

  test('NS9 the URL without a path and with "/" are the same namespace', async (t) => {
    for (const path of ['', '/']) {
      const socket = await join(t, path);
      assert.equal(socket.nsp, '/');
    }
  });

  test('NS10 several clients and namespaces at once', async (t) => {
    const names = [ownNamespace(), ownNamespace(), ownNamespace()];
    const sockets = await Promise.all(names.flatMap((nsp) => [join(t, nsp), join(t, nsp)]));
    const lists = await heard(sockets[0], sockets,
      () => Promise.all(names.map((nsp) => operate(sockets[0], 'emit', { nsp, event: nsp }))));
    assert.deepEqual(lists, names.flatMap((nsp) => [[[nsp]], [[nsp]]]));
  });

  test('NS12 the end of a client ends its socket in every namespace, NS13 with its rooms to the last', async (t) => {
    const observer = await join(t);
    const shared = manager(t);
    const sockets = [shared.socket('/fx'), shared.socket(ownNamespace())];
    await Promise.all(sockets.map(connected));
    for (const socket of sockets) await ask(socket, 'join', ['a', 'b']);
    const ids = sockets.map(({ id }) => id);
    shared.manager.engine.close();
    for (const id of ids) {
      const end = await until(() => operate(observer, 'reason', { id }), `the end of ${id}`);
      assert.deepEqual(end, { reason: 'transport close', rooms: [id, 'a', 'b'].sort() });
    }
  });

  test('a client that leaves a namespace keeps the others', async (t) => {
    const shared = manager(t);
    const sockets = [shared.socket('/fx'), shared.socket(ownNamespace())];
    await Promise.all(sockets.map(connected));
    const { id } = sockets[1];
    sockets[1].disconnect();
    const end = await until(() => operate(sockets[0], 'reason', { id }), 'the end');
    assert.equal(end.reason, 'client namespace disconnect');
    assert.equal(await ask(sockets[0], 'echo', 'here'), 'here');
  });

  test('NS14 an unknown namespace is refused', async (t) => {
    const error = await refusedWith(open(t, fixture, '/unknown', options));
    assert.equal(error.message, 'Invalid namespace');
  });

  test('NS15 two sockets for one namespace have two connections', async (t) => {
    const sockets = [0, 1].map(() => open(t, fixture, '/fx', { ...options, forceNew: false }));
    await Promise.all(sockets.map(connected));
    assert.notEqual(sockets[0].io.engine.id, sockets[1].io.engine.id);
  });

  test('NS30 matching names become namespaces of their own', async (t) => {
    const [one, two] = [ownNamespace(), ownNamespace()];
    const sockets = await Promise.all([join(t, one), join(t, two), join(t, two)]);
    assert.equal((await ask(sockets[0], 'info')).nsp, one);
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { nsp: two, event: 'a' }));
    assert.deepEqual(lists, [[], [['a']], [['a']]]);
  });

  test('NS31 rooms of dynamic namespaces are their own', async (t) => {
    const [one, two] = [ownNamespace(), ownNamespace()];
    const sockets = await Promise.all([join(t, one), join(t, two)]);
    for (const socket of sockets) await ask(socket, 'join', 'room');
    const lists = await heard(sockets[0], sockets,
      () => operate(sockets[0], 'emit', { nsp: two, rooms: ['room'], event: 'a' }));
    assert.deepEqual(lists, [[], [['a']]]);
  });

  test('NS33 names that do not match are refused', async (t) => {
    for (const nsp of ['/dyn-', '/dyn-1a', '/adyn-1', '/dyn'])
      assert.equal((await refusedWith(open(t, fixture, nsp, options))).message, 'Invalid namespace');
  });

  test('NS35 clients that connect to the same new child at once share it', async (t) => {
    const nsp = ownNamespace();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => join(t, nsp)));
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { event: 'a' }));
    assert.deepEqual(lists, sockets.map(() => [['a']]));
  });

  test('a client comes back to a child that had lost its last one', async (t) => {
    const nsp = ownNamespace();
    (await join(t, nsp)).disconnect();
    const socket = await join(t, nsp);
    assert.equal(await ask(socket, 'echo', 'again'), 'again');
  });

  test('NS29 cleaning leaves ordinary namespaces alone', async (t) => {
    const shared = manager(t, cleaning);
    const observer = shared.socket('/fx');
    const socket = shared.socket('/mw', { auth: { token: 's3cret' } });
    await connected(observer);
    for (let i = 0; i < 3; ++i) {
      if (i > 0) socket.connect();
      await connected(socket);
      const { id } = socket;
      assert.equal(await ask(socket, 'echo', i), i);
      socket.disconnect();
      await until(() => operate(observer, 'reason', { id }), 'the end');
    }
  });

  test('NS37 a client can connect again to a name that was cleaned up', async (t) => {
    const shared = manager(t, cleaning);
    const observer = shared.socket('/fx');
    await connected(observer);
    const nsp = ownNamespace();
    const socket = shared.socket(nsp);
    for (let i = 0; i < 5; ++i) {
      if (i > 0) socket.connect();
      await connected(socket);
      assert.equal(await ask(socket, 'echo', i), i);
      const { id } = socket;
      socket.disconnect();
      await until(() => operate(observer, 'reason', { id }), 'the end');
    }
    assert.deepEqual((await operate(observer, 'allSockets', { nsp })).ids, []);
  });

  test('the handshake is told to a namespace that asks, query and all', async (t) => {
    const socket = open(t, fixture, '/abc', { ...options, query: { foo: 'bär &=' }, auth: { token: '7' } });
    const [handshake] = await event(socket, 'handshake');
    assert.equal(handshake.query.foo, 'bär &=');
    assert.deepEqual(handshake.auth, { token: '7' });
  });
});
