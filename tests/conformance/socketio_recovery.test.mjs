// Connection state recovery packet by packet.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { startFixture } from '../support/fixture.mjs';
import { transports } from '../support/packets.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture({ WORKERS: 4, CSR_MAX_MS: 60_000 });
after(() => fixture.stop());

const payloadOf = (packet) => JSON.parse(packet.slice(packet.search(/[[{]/)));

/** CONNECT to /fx: the answer's payload, and what came before it. */
async function join(client, auth) {
  client.send(`0/fx,${auth ? JSON.stringify(auth) : ''}`);
  const early = [];
  for (;;) {
    const packet = await client.next();
    if (packet.startsWith('0/fx,')) return { ...payloadOf(packet), early };
    early.push(packet);
  }
}

async function ask(client, ...event) {
  client.send(`2/fx,7${JSON.stringify(event)}`);
  for (;;) {
    const packet = await client.next();
    if (packet.startsWith('3/fx,7')) return payloadOf(packet)[0];
  }
}

/** A member of /fx that has heard one event, and the observer that emits. */
async function scene(t, openOne) {
  const observer = await transports.websocket(fixture);
  t.after(() => observer.close());
  await join(observer);
  const member = await openOne(fixture);
  const { sid, pid } = await join(member);
  assert.match(sid, /^[\w-]{20}$/);
  assert.equal(typeof pid, 'string');
  const emit = (event, more = {}) => ask(observer, 'op', { op: 'emit', event, ...more });
  await emit('hello', { rooms: [sid] });
  const [name, offset] = payloadOf(await member.next());
  assert.equal(name, 'hello');
  assert.match(offset, /^[\w-]{9}$/);
  const isGone = () => until(() => ask(observer, 'op', { op: 'reason', id: sid }), 'its end');
  return { observer, member, sid, pid, offset, emit, isGone };
}

for (const [title, openOne] of Object.entries(transports)) {
  describe(`over ${title}`, { concurrency: true }, () => {
    test('CR1 missed events come first, each with its offset, then CONNECT with the old ids', async (t) => {
      const { member, sid, pid, offset, emit, isGone } = await scene(t, openOne);
      const room = `room of ${sid}`;
      await ask(member, 'join', room);
      member.close();
      await isGone();
      await emit('hello1', { rooms: [sid] });
      await emit('hello2', { rooms: [room], args: [{ _placeholder: false }, 2] });
      await emit('hidden', { rooms: [sid], except: [room] });
      await emit('volatile', { rooms: [sid], volatile: true });
      const again = await openOne(fixture);
      const back = await join(again, { pid, offset });
      assert.deepEqual([back.sid, back.pid], [sid, pid]);
      const events = back.early.map(payloadOf);
      assert.deepEqual(events.map((event) => event.slice(0, -1)), [['hello1'], ['hello2', { _placeholder: false }, 2]]);
      const offsets = [offset, ...events.map((event) => event.at(-1))];
      assert.equal(new Set(offsets).size, 3);
      const info = await ask(again, 'info');
      assert.deepEqual([info.id, info.recovered, info.rooms], [sid, true, [room, sid].sort()]);
      again.close();
    });

    test('CR5 an unknown session, and a known one with an unknown offset, are new ones', async (t) => {
      const { member, sid, pid, isGone } = await scene(t, openOne);
      member.close();
      await isGone();
      for (const auth of [{ pid: 'foo', offset: 'bar' }, { pid, offset: 'bar' }, { pid, offset: 7 }, { pid: 7 }]) {
        const client = await openOne(fixture);
        const fresh = await join(client, auth);
        assert.deepEqual(fresh.early, []);
        assert.notEqual(fresh.sid, sid);
        assert.notEqual(fresh.pid, pid);
        assert.equal((await ask(client, 'info')).recovered, false);
        client.close();
      }
    });

    test('CR6 CR7 off by default: nothing of it is on the wire, whatever the client says', async () => {
      const plain = await startFixture({ WORKERS: 2 });
      const client = await openOne(plain);
      const { pid, early, sid } = await join(client, { pid: 'foo', offset: 'bar' });
      assert.deepEqual([pid, early], [undefined, []]);
      assert.match(sid, /^[\w-]{20}$/);
      client.send('2/fx,["echo","x"]');
      assert.equal(await client.next(), '2/fx,["echo","x"]');
      client.close();
      await plain.stop();
    });
  });
}
