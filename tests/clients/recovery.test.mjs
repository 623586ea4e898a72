// Connection state recovery with the stock client: its transport is cut under it, and it goes on as if it had not been.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { ask, connected, event, everyWay, everyWayAndParser, joiner, onAny, open, operate, ways } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { cutOff, Line } from '../support/line.mjs';
import { deadline, until } from '../support/waiting.mjs';

const heartbeat = { PING_INTERVAL: 1500, PING_TIMEOUT: 2500 }; // see cutOff()
const fixture = await startFixture({ WORKERS: 4, ALLOW_EIO3: 1, CSR_MAX_MS: 120_000, ...heartbeat });
after(() => fixture.stop());

const persistent = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

/** A client that is called back, and what it heard: `[name, ...args]` without offsets. */
async function scene(t, { transports, generation }, nsp = '/fx') {
  const line = await Line.open(t, fixture.port);
  const client = open(t, line, nsp, { transports, generation, ...persistent });
  await connected(client);
  const heard = [];
  onAny(client, (...packet) => heard.push(packet.slice(0, -1)));
  const operator = await joiner(fixture, ['websocket'])(t, '/fx');
  const { id } = client; // it has none while it is away
  const tell = (name, ...args) => operate(operator, 'emit', { nsp, rooms: [id], event: name, args });
  await tell('hello');
  await until(() => heard.length === 1, 'an event before the cut');
  return { line, id, client, heard, operator, tell };
}

const back = (client) => until(() => client.connected, 'the client to be back');

for (const way of everyWay(Object.keys(ways), [4, '4 with msgpack'])) {
  describe(way.title, { concurrency: 4 }, () => {
    test('CR1 CR2 CR3 a client that was cut off hears what it missed, in order and once, with its rooms and data', async (t) => {
      const { line, id, client, heard, operator, tell } = await scene(t, way);
      await ask(client, 'join', ['a', 'b']);
      await ask(client, 'setData', { color: 'red' });
      line.pause(); // it cannot come back before all was said
      await cutOff(line, client);
      await tell('missed', 1);
      await operate(operator, 'emit', { rooms: ['b'], event: 'missed', args: [2] });
      await operate(operator, 'emit', { rooms: ['c'], event: 'not for it' });
      await operate(operator, 'emit', { rooms: [id], event: 'missed', args: [{ deep: [null] }, 3] });
      line.resume();
      await back(client);
      assert.deepEqual([client.recovered, client.id], [true, id]);
      await tell('live');
      await until(() => heard.length >= 5, 'all events');
      assert.deepEqual(heard, [['hello'], ['missed', 1], ['missed', 2], ['missed', { deep: [null] }, 3], ['live']]);
      const info = await ask(client, 'info');
      assert.deepEqual([info.recovered, info.rooms, info.data], [true, ['a', 'b', id].sort(), { color: 'red' }]);
    });

    test('a volatile event that ends in a string does no harm to it', async (t) => {
      const { line, id, client, operator } = await scene(t, way);
      for (let i = 0; i < 3; ++i)
        await operate(operator, 'emit', { rooms: [id], volatile: true, event: 'v', args: ['some text'] });
      await ask(client, 'call', 'question', ['some text'], 0);
      await cutOff(line, client);
      await back(client);
      assert.deepEqual([client.recovered, client.id], [true, id]);
    });

    test('a client whose former connection still seems alive to the server is the same', async (t) => {
      const { line, id, client, heard, operator, tell } = await scene(t, way);
      await cutOff(line, client, { quietly: true });
      await back(client);
      assert.deepEqual([client.recovered, client.id], [true, id]);
      assert.equal(await operate(operator, 'reason', { id }), null, 'it lives');
      await tell('live');
      await until(() => heard.length >= 2, 'the event');
      assert.deepEqual(heard, [['hello'], ['live']]);
    });

    test('under traffic, cut again and again, it hears each event once and in order', async (t) => {
      const { line, client, heard, tell } = await scene(t, way);
      client.on('connect', () => assert.equal(client.recovered, true));
      for (let round = 0; round < 8; ++round) {
        for (let i = 0; i < 10; ++i) await tell('n', round * 10 + i);
        await cutOff(line, client, { quietly: round % 2 === 0 });
        await back(client); // cut again before it is, a stock client may hear some of it twice (docs/protocol.md)
      }
      await until(() => heard.length >= 81, 'all events');
      assert.deepEqual(heard.slice(1), Array.from({ length: 80 }, (_, n) => ['n', n]));
    });

    test('whom the program sent away, and who went by itself, is not the same when it comes again', async (t) => {
      const { id, client, operator } = await scene(t, way);
      const gone = event(client, 'disconnect');
      await operate(operator, 'disconnectSockets', { rooms: [id] });
      await gone;
      client.connect();
      await connected(client);
      assert.deepEqual([client.recovered, client.id === id], [false, false]);
      const second = client.id;
      client.disconnect().connect();
      await connected(client);
      assert.deepEqual([client.recovered, client.id === second], [false, false]);
    });
  });
}

describe('others on a server with recovery', { concurrency: 4 }, () => {
  for (const { title, transports, generation } of everyWayAndParser()) {
    test(`CR1 ${title}: events carry their offset as one more argument, acknowledgements and questions none`, async (t) => {
      const client = await joiner(fixture, transports, generation)(t, '/fx');
      const heard = new Promise((resolve) => client.once('echo', (...args) => resolve(args)));
      client.emit('echo', 'x', 1);
      const args = await deadline(heard, 'the echo');
      assert.deepEqual(args.slice(0, 2), ['x', 1]);
      assert.match(args[2], /^[\w-]{9}$/);
      assert.equal(args.length, 3);
      assert.equal(await ask(client, 'echo', 'y'), 'y');
      client.once('question', (text, answer) => answer(text));
      assert.deepEqual(await ask(client, 'call', 'question', ['z'], 5000), { timeout: false, res: ['z'] });
    });
  }
});
