// What clients cannot make the fixture keep: a socket's data, long names of rooms, how sockets ended, namespaces.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ask, joiner, operate } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture({ WORKERS: 2 });
after(() => fixture.stop());

const join = joiner(fixture, ['websocket']);

test('the data of a socket', async (t) => {
  const socket = await join(t);
  const value = 'x'.repeat(1000);
  let merged = 0;
  while (await ask(socket, 'setData', { [`member ${merged}`]: value })) {
    merged += 1;
    assert.ok(merged < 100, 'it grows');
  }
  assert.ok(merged > 50, `no more than ${merged} KB`);
  const { data } = await ask(socket, 'info');
  assert.deepEqual(Object.keys(data).length, merged, 'what was too much has changed nothing');
  assert.equal(await ask(socket, 'setData', { 'member 0': 1 }), true, 'another value fits');
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i, 0]));
  assert.equal(await ask(socket, 'setData', many), false, 'small members count too');
});

test('the name of a room', async (t) => {
  const socket = await join(t);
  const [longest, beyond] = ['x'.repeat(1024), 'y'.repeat(1025)];
  assert.deepEqual(await ask(socket, 'join', [longest, beyond, 'z']), [socket.id, longest, 'z'].sort());
  await operate(socket, 'socketsJoin', { rooms: [socket.id], join: [beyond] });
  assert.deepEqual((await operate(socket, 'allSockets', { rooms: [beyond] })).ids, []);
  assert.deepEqual((await operate(socket, 'allSockets', { rooms: [longest] })).ids, [socket.id]);
});

test('how sockets ended, with the names of their rooms', async (t) => {
  const observer = await join(t);
  const ended = [];
  for (let megabytes = 0; megabytes < 17; megabytes += 2) {
    const socket = await join(t);
    for (const part of [0, 1])
      socket.emit('join', Array.from({ length: 1000 }, (_, i) => `${part} ${i} `.padEnd(980, 'x')));
    await ask(socket, 'echo');
    const { id } = socket;
    socket.disconnect();
    await until(() => operate(observer, 'reason', { id }), 'its end');
    ended.push(id);
  }
  const last = await operate(observer, 'reason', { id: ended.at(-1) });
  assert.deepEqual([last.reason, last.rooms.length], ['client namespace disconnect', 2001]);
  assert.equal(await operate(observer, 'reason', { id: ended[0] }), null, 'the oldest is forgotten');
});

test('namespaces', async (t) => {
  const socket = await join(t);
  const refused = { error: 'unknown namespace' };
  const speak = (nsp) => operate(socket, 'emit', { nsp, event: 'x' });
  assert.deepEqual(await speak('/dyn-x'), refused);
  assert.deepEqual(await speak(`/dyn-${'1'.repeat(508)}`), refused);
  assert.deepEqual(await speak(`/dyn-${'1'.repeat(507)}`), { ok: true });
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => speak(`/dyn-${n}`)));
  assert.deepEqual(answers.at(-2), { ok: true });
  assert.deepEqual(answers.at(-1), refused);
  assert.deepEqual(await speak('/dyn-7'), { ok: true }, 'those that are there may be spoken to');
});
