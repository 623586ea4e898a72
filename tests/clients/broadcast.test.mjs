// What is said to many: namespaces, rooms, exceptions. Clients and rooms are spread over four workers.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ask, everyWayAndParser, heard, joiner, operate, overEveryWay } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';

const fixture = await startFixture({ WORKERS: 4, ALLOW_EIO3: 1 });
after(() => fixture.stop());

let namespaces = 0;
/** Every test has a namespace of its own: others may run beside it. */
const ownNamespace = () => `/dyn-${++namespaces}`;

overEveryWay(fixture, (join) => {
  const several = async (t, count, nsp = ownNamespace()) =>
    Promise.all(Array.from({ length: count }, () => join(t, nsp)));

  test('MM1 CA1 CA2 an emit on a namespace reaches all of its sockets and none of other namespaces', async (t) => {
    const sockets = await several(t, 5);
    const others = await several(t, 2);
    const lists = await heard(sockets[0], [...sockets, ...others],
      () => operate(sockets[0], 'emit', { event: 'a', args: ['b', { c: 1 }] }));
    assert.deepEqual(lists, [...sockets.map(() => [['a', 'b', { c: 1 }]]), [], []]);
  });

  test('MM2 an emit on a namespace with binary arguments reaches all of its sockets', async (t) => {
    const sockets = await several(t, 5);
    const args = [Buffer.from('asdf'), { deep: [Buffer.alloc(5000, 3)] }];
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { event: 'bin', args }));
    assert.deepEqual(lists, sockets.map(() => [['bin', ...args]]));
  });

  test('MM3 socket.broadcast reaches everyone in the namespace but the sender', async (t) => {
    const sockets = await several(t, 5);
    const others = await several(t, 1);
    const lists = await heard(sockets[0], [...sockets, ...others],
      () => ask(sockets[0], 'bcast', { event: 'a', args: ['b'] }));
    assert.deepEqual(lists, [[], [['a', 'b']], [['a', 'b']], [['a', 'b']], [['a', 'b']], []]);
  });

  test('MM4 CA3 an emit to a room reaches exactly its members', async (t) => {
    const sockets = await several(t, 6);
    for (const i of [1, 3, 4]) await ask(sockets[i], 'join', 'room');
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { rooms: ['room'], event: 'a' }));
    assert.deepEqual(lists, [[], [['a']], [], [['a']], [['a']], []]);
  });

  test('MM5 a socket in several addressed rooms gets the event once', async (t) => {
    const sockets = await several(t, 5);
    await ask(sockets[1], 'join', ['one', 'two', 'three']);
    await ask(sockets[2], 'join', ['two']);
    await ask(sockets[3], 'join', ['three', 'other']);
    const rooms = ['one', 'two', 'three', sockets[1].id, 'nobody'];
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { rooms, event: 'a' }));
    assert.deepEqual(lists, [[], [['a']], [['a']], [['a']], []]);
  });

  test('MM6 socket.broadcast.to reaches the members without the sender', async (t) => {
    const sockets = await several(t, 4);
    for (const i of [0, 1, 3]) await ask(sockets[i], 'join', 'room');
    const lists = await heard(sockets[0], sockets, () => ask(sockets[0], 'bcast', { rooms: ['room'], event: 'a' }));
    assert.deepEqual(lists, [[], [['a']], [], [['a']]]);
  });

  test('MM7 socket.broadcast.to takes binary arguments', async (t) => {
    const sockets = await several(t, 3);
    for (const socket of sockets) await ask(socket, 'join', 'room');
    const args = [Buffer.from([0, 255]), 'text'];
    const lists = await heard(sockets[0], sockets,
      () => ask(sockets[0], 'bcast', { rooms: ['room'], event: 'bin', args }));
    assert.deepEqual(lists, [[], [['bin', ...args]], [['bin', ...args]]]);
  });

  test('MM8 AD3 socket.rooms has the own id and follows join and leave', async (t) => {
    const [socket] = await several(t, 1);
    const sorted = (...rooms) => [socket.id, ...rooms].sort();
    assert.deepEqual((await ask(socket, 'info')).rooms, sorted());
    assert.deepEqual(await ask(socket, 'join', 'a'), sorted('a'));
    assert.deepEqual(await ask(socket, 'join', 'a'), sorted('a'));
    assert.deepEqual(await ask(socket, 'join', 'b'), sorted('a', 'b'));
    assert.deepEqual(await ask(socket, 'leave', 'nowhere'), sorted('a', 'b'));
    assert.deepEqual(await ask(socket, 'leave', 'a'), sorted('b'));
    assert.deepEqual((await ask(socket, 'info')).rooms, sorted('b'));
    assert.deepEqual((await operate(socket, 'fetchSockets', { rooms: [socket.id] })).sockets[0].rooms, sorted('b'));
    assert.deepEqual(await operate(socket, 'fetchSockets', { rooms: ['unknown'] }), { sockets: [] });
  });

  test('MM10 leaving rooms one after another leaves no trace', async (t) => {
    const sockets = await several(t, 3);
    const rooms = ['a', 'b', 'c'];
    for (const socket of sockets) await ask(socket, 'join', rooms);
    for (const room of rooms) for (const socket of sockets) await ask(socket, 'leave', room);
    for (const socket of sockets) assert.deepEqual((await ask(socket, 'info')).rooms, [socket.id]);
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { rooms, event: 'a' }));
    assert.deepEqual(lists, [[], [], []]);
    assert.deepEqual((await operate(sockets[0], 'allSockets', { rooms })).ids, []);
  });

  test('MM11 join takes a list of rooms', async (t) => {
    const [socket] = await several(t, 1);
    assert.deepEqual(await ask(socket, 'join', ['a', 'b', 'c']), [socket.id, 'a', 'b', 'c'].sort());
  });

  test('MM12 NS26 except leaves out single sockets', async (t) => {
    const sockets = await several(t, 4);
    const except = [sockets[1].id, sockets[2].id];
    const lists = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { except, event: 'a' }));
    assert.deepEqual(lists, [[['a']], [], [], [['a']]]);
  });

  test('MM13 CA4 AD4 AD5 except leaves out all members of a room', async (t) => {
    const sockets = await several(t, 5);
    for (const i of [0, 1, 2, 3]) await ask(sockets[i], 'join', 'all');
    for (const i of [1, 2]) await ask(sockets[i], 'join', 'quiet');
    const lists = await heard(sockets[0], sockets, async () => {
      await operate(sockets[0], 'emit', { except: ['quiet'], event: 'everyone' });
      await operate(sockets[0], 'emit', { rooms: ['all'], except: ['quiet'], event: 'room' });
      await ask(sockets[3], 'bcast', { except: ['quiet'], event: 'others' });
    });
    assert.deepEqual(lists[1], []);
    assert.deepEqual(lists[2], []);
    assert.deepEqual(lists[0].map(([name]) => name).sort(), ['everyone', 'others', 'room']);
    assert.deepEqual(lists[3].map(([name]) => name), ['everyone', 'room']);
    assert.deepEqual(lists[4].map(([name]) => name).sort(), ['everyone', 'others']);
  });

  test('MM14 modifiers make no difference to those that follow', async (t) => {
    const sockets = await several(t, 2);
    const lists = await heard(sockets[0], sockets, async () => {
      await operate(sockets[0], 'emit', { local: true, compress: false, rooms: ['nobody'], event: 'a' });
      await operate(sockets[0], 'emit', { local: true, compress: true, event: 'b' });
      await operate(sockets[0], 'emit', { event: 'c' });
    });
    assert.deepEqual(lists, [[['b'], ['c']], [['b'], ['c']]]);
  });

  test('NS16 AD2 allSockets names the sockets of a namespace', async (t) => {
    const sockets = await several(t, 4);
    await several(t, 1);
    assert.deepEqual((await operate(sockets[0], 'allSockets')).ids, sockets.map(({ id }) => id).sort());
  });

  test('NS17 allSockets names the sockets of a room', async (t) => {
    const sockets = await several(t, 3);
    await ask(sockets[1], 'join', 'room');
    assert.deepEqual((await operate(sockets[0], 'allSockets', { rooms: ['room'] })).ids, [sockets[1].id]);
  });

  test('NS18 AD2 allSockets names the sockets of several rooms once', async (t) => {
    const sockets = await several(t, 4);
    await ask(sockets[1], 'join', ['one', 'two']);
    await ask(sockets[2], 'join', 'two');
    const { ids } = await operate(sockets[0], 'allSockets', { rooms: ['one', 'two', 'three'] });
    assert.deepEqual(ids, [sockets[1].id, sockets[2].id].sort());
  });

  test('a join that was acknowledged on one worker is seen by the next emit on any other', async (t) => {
    const [speaker, listener] = await several(t, 2);
    const lists = await heard(speaker, [listener], async () => {
      for (let i = 0; i < 30; ++i) {
        await ask(listener, 'join', `room ${i}`);
        await operate(speaker, 'emit', { rooms: [`room ${i}`], event: 'n', args: [i] });
      }
    });
    assert.deepEqual(lists, [Array.from({ length: 30 }, (_, i) => ['n', i])]);
  });

  test('UW10 after leaving a room nothing more arrives', async (t) => {
    const sockets = await several(t, 2);
    const lists = await heard(sockets[0], sockets, async () => {
      await ask(sockets[1], 'join', 'room');
      await operate(sockets[0], 'emit', { rooms: ['room'], event: 'in' });
      await ask(sockets[1], 'leave', 'room');
      await operate(sockets[0], 'emit', { rooms: ['room'], event: 'out' });
    });
    assert.deepEqual(lists, [[], [['in']]]);
  });

  test('SK50 a reserved event name is refused, and nothing is sent', async (t) => {
    const sockets = await several(t, 2);
    const lists = await heard(sockets[0], sockets, async () => {
      for (const event of ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']) {
        for (const op of ['emit', 'emitAck', 'serverSideEmit', 'serverSideEmitAck'])
          assert.match((await operate(sockets[0], op, { event })).error, /reserved event name/);
        assert.match((await ask(sockets[0], 'bcast', { event })).error, /reserved event name/);
        assert.match((await ask(sockets[0], 'call', event, [], 100)).error, /reserved event name/);
      }
    });
    assert.deepEqual(lists, [[], []]);
  });
});

test('V21 clients of all generations and parsers are in one room, and all hear the same', async (t) => {
  const nsp = ownNamespace();
  const sockets = await Promise.all(
    everyWayAndParser().map(({ transports, generation }) => joiner(fixture, transports, generation)(t, nsp)));
  for (const socket of sockets) await ask(socket, 'join', 'room');
  const args = [Buffer.from([0, 255, 4]), { deep: [Buffer.alloc(3000, 9), 'ü𝄞'] }, Buffer.alloc(0)];
  const lists = await heard(sockets[0], sockets, async () => {
    for (let i = 0; i < 10; ++i) {
      await operate(sockets[0], 'emit', { rooms: ['room'], event: 'text', args: [i, 'ü𝄞'] });
      await operate(sockets[0], 'emit', { rooms: ['room'], event: 'binary', args });
    }
  });
  const expected = Array.from({ length: 10 }, (_, i) => [['text', i, 'ü𝄞'], ['binary', ...args]]).flat();
  for (const list of lists) assert.deepEqual(list, expected);

  // Of what all answer, stock clients take ten binaries.
  const answerOf = (i, data) => [i, i % 2 === 0 ? data : [...data]];
  sockets.forEach((socket, i) => socket.on('question', (data, answer) => answer(answerOf(i, data))));
  const { err, responses } = await operate(sockets[0], 'emitAck', { event: 'question', args: [args[0]], timeout: 5000 });
  assert.equal(err, false);
  assert.deepEqual(responses.sort(([a], [b]) => a - b), sockets.map((_, i) => answerOf(i, args[0])));
  for (const { id } of sockets) {
    const toOne = await heard(sockets[0], sockets, () => operate(sockets[0], 'emit', { rooms: [id], event: 'you' }));
    assert.deepEqual(toOne, sockets.map((socket) => (socket.id === id ? [['you']] : [])));
  }
});
