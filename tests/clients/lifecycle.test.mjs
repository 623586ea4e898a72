// The server's end and return, gates at the door, and clients that come back.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';

import { ask, connected, event, everyWay, open as openOne, operate, refusedWith } from '../support/client.mjs';
import { startFixture as start } from '../support/fixture.mjs';

const persistent = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 50 };

for (const { title, transports, generation } of everyWay()) {
  describe(title, { concurrency: 4 }, () => {
    const startFixture = (settings) => start({ ALLOW_EIO3: 1, ...settings });
    const open = (t, fixture, nsp, options) => openOne(t, fixture, nsp, { transports, generation, ...options });

    test('CL1 CL5 the server\'s end closes its clients without telling them to stay away, and frees its port', async (t) => {
      const fixture = await startFixture({ WORKERS: 4 });
      const sockets = Array.from({ length: 6 }, () => open(t, fixture, '/fx'));
      await Promise.all(sockets.map(connected));
      const ends = sockets.map((socket) => event(socket, 'disconnect'));
      await fixture.stop();
      for (const [reason] of await Promise.all(ends)) assert.match(reason, /^transport (close|error)$/);
      const server = createServer().listen(fixture.port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
    });

    test('SK42 ES51 a client that comes back to a server that came back can be emitted to', async (t) => {
      const first = await startFixture({ WORKERS: 2 });
      const socket = open(t, first, '/fx', persistent);
      await connected(socket);
      const { id } = socket;
      await first.stop();
      const again = event(socket, 'connect');
      const second = await startFixture({ WORKERS: 2, PORT: first.port });
      await again;
      assert.notEqual(socket.id, id);
      const heard = event(socket, 'hello');
      await operate(socket, 'emit', { event: 'hello' });
      await heard;
      socket.disconnect();
      await second.stop();
    });

    test('SK1 after manual reconnects every event fires once', async (t) => {
      const fixture = await startFixture({ WORKERS: 2 });
      const socket = open(t, fixture, '/fx');
      await connected(socket);
      const received = [];
      socket.on('echo', (n) => received.push(n));
      for (let i = 0; i < 4; ++i) {
        const closed = event(socket.io.engine, 'close'); // before it, clients 2 and 3 lose their way
        socket.disconnect();
        await closed;
        socket.connect();
        await connected(socket);
        socket.emit('echo', i);
        await ask(socket, 'echo');
      }
      assert.deepEqual(received, [0, 1, 2, 3]);
      socket.disconnect();
      await fixture.stop();
    });

    test('SK2 reconnect_failed fires once when the server is gone', async (t) => {
      const fixture = await startFixture({ WORKERS: 2 });
      const socket = open(t, fixture, '/fx', { ...persistent, reconnectionAttempts: 2 });
      await connected(socket);
      const failed = event(socket.io, 'reconnect_failed');
      await fixture.stop();
      await failed;
      assert.equal(socket.connected, false);
    });

    test('HS4 a handshake that the program refuses is an error, HS3 any other is admitted', async (t) => {
      const fixture = await startFixture({ WORKERS: 2, ALLOW_REQUEST_DELAY: 10 });
      const refused = open(t, fixture, '/fx', { query: { deny: '1' } });
      assert.match((await refusedWith(refused)).message, /^(xhr poll|websocket) error$/);
      const admitted = open(t, fixture, '/fx');
      await connected(admitted);
      admitted.disconnect();
      await fixture.stop();
    });

    test('ES47 a server that is stopped for long is left, and found again', async (t) => {
      const fixture = await startFixture({ WORKERS: 2, PING_INTERVAL: 100, PING_TIMEOUT: 1500 });
      const socket = open(t, fixture, '/fx', persistent);
      await connected(socket);
      const left = event(socket, 'disconnect');
      process.kill(fixture.pid, 'SIGSTOP');
      assert.equal((await left)[0], 'ping timeout');
      const again = event(socket, 'connect');
      process.kill(fixture.pid, 'SIGCONT');
      await again;
      assert.equal(await ask(socket, 'echo', 'back'), 'back');
      socket.disconnect();
      await fixture.stop();
    });

    // Client 2 asks itself, and leaves when it is not answered: tests/conformance/engine_v3.test.mjs has that from below.
    if (generation > 2) {
      test('ES61 a client that says nothing is left, and sees its connection closed', async (t) => {
        // The client would give up an interval later.
        const fixture = await startFixture({ WORKERS: 2, PING_INTERVAL: 1500, PING_TIMEOUT: 300 });
        t.after(() => fixture.stop());
        const socket = open(t, fixture, '/fx');
        await connected(socket);
        socket.io.engine.flush = () => {};
        assert.equal((await event(socket, 'disconnect'))[0], 'transport close');
      });
    }

    test('heartbeats keep an idle client connected', async (t) => {
      const fixture = await startFixture({ WORKERS: 2, PING_INTERVAL: 60, PING_TIMEOUT: 2000 });
      const socket = open(t, fixture, '/fx');
      await connected(socket);
      for (let i = 0; i < 15; ++i) await event(socket.io.engine, 'heartbeat');
      assert.equal(await ask(socket, 'echo', 'still here'), 'still here');
      socket.disconnect();
      await fixture.stop();
    });
  });
}
