// The program from outside: what it says, when it refuses to start, how it ends.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';

import { Device } from './support/device.mjs';
import { until } from '../support/waiting.mjs';
import { Program, run } from './support/program.mjs';

describe('at its start it', () => {
  test('says where it listens and what a newcomer needs', async () => {
    const program = await Program.serve(['--workers', 2]);
    assert.match(program.stdout, /^Listening on port \d+\.\n/);
    assert.ok(program.stdout.includes(`Open:         http://localhost:${program.port}\n`));
    assert.match(program.stdout, /Workers: +2\n/);
    assert.match(program.stdout, /io_uring: +(in use|not available here)/);
    assert.match(program.stdout, /Descriptors: +\d+/);
    assert.match(program.stdout, /NOT CHECKED/);
    assert.match(program.stdout, /--host 0\.0\.0\.0 --dev-tokens/);
    assert.equal(await program.stop('SIGINT'), 0);
  });

  test('says what to type on a phone when it listens for phones', async () => {
    const program = await Program.serve(['--host', '0.0.0.0', '--dev-tokens']);
    assert.match(program.stdout, /On a phone: +(http:\/\/\d+\.\d+\.\d+\.\d+:\d+|no address found)/);
    assert.match(program.stdout, /NOT CHECKED/);
    assert.equal(await program.stop(), 0);
  });

  test('serves everybody without checking only when asked to by name', async () => {
    for (const host of ['0.0.0.0', '::']) {
      const { code, stdout, stderr } = await run(['serve', '--port', 0, '--host', host]);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /--token-key-file/);
      assert.match(stderr, /--dev-tokens/);
    }
  });

  test('names the holder of a port in use, and leaves it alone', async () => {
    const first = await Program.serve();
    const { code, stdout, stderr } = await run(['serve', '--port', first.port]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`${first.port}`));
    assert.match(stderr, new RegExp(`${first.pid}|user`));
    assert.equal((await first.get('/healthz')).status, 200);
    assert.equal(await first.stop(), 0);
  });

  test('names a wrong value with what is allowed', async () => {
    const { code, stderr } = await run(['serve', '--port', 'http']);
    assert.equal(code, 2);
    assert.match(stderr, /--port: 'http' is not allowed; allowed: a number from 0 to 65535\./);
  });

  test('writes debug lines of the parts that are named, without what was sent', async () => {
    const program = await Program.serve(['--log-debug', 'engine,/socket', '--no-supervisor']);
    const ada = await Device.arrive(program, 'ada', { transports: ['websocket'] });
    await ada.say('for nobody else', 'everybody');
    ada.leave();
    await until(() => /connection_closed/.test(program.stderr), 'the end of the connection');
    assert.equal(await program.stop(), 0);
    for (const line of ['connection_opened session=', 'socket_connected nsp=/socket', 'packet_in nsp=/socket', 'socket_ended nsp=/socket'])
      assert.ok(program.stderr.includes(` debug ${line}`), line);
    assert.doesNotMatch(program.stderr, /for nobody else/);
  });

  test('writes its log as JSON when asked to', async () => {
    const program = await Program.serve(['--log-level', 'debug', '--log-format', 'json']);
    assert.equal(await program.stop(), 0);
    const lines = program.stderr.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.length > 0);
    for (const { time, level, event } of lines) {
      assert.match(time, /^\d{4}-.*Z$/);
      assert.match(level, /^(debug|info|warning|error)$/);
      assert.match(event, /^\w+$/);
    }
  });
});

describe('it', () => {
  test('answers on IPv4 and IPv6 of this machine', async () => {
    const program = await Program.serve();
    for (const host of ['127.0.0.1', '::1']) {
      await new Promise((resolve, reject) => connect(program.port, host, resolve).on('error', reject).unref());
    }
    await program.stop();
  });

  test('serves the page and its own health', async () => {
    const program = await Program.serve(['--workers', 3]);
    const page = await fetch(program.url);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(await page.text(), /<title>/);
    const ada = await Device.arrive(program, 'ada', { transports: ['websocket'] });
    const { status, body } = await program.get('/healthz');
    assert.equal(status, 200);
    const { connections, io_uring: ioUring, ...rest } = body;
    assert.deepEqual(rest, { status: 'ok', workers: 3, sessions: 1, users: 1 });
    assert.ok(connections >= 1);
    assert.equal(typeof ioUring, 'boolean');
    ada.leave();
    await program.stop();
  });

  test('ends cleanly at SIGTERM, and its clients come back to the next one by themselves', async () => {
    let program = await Program.serve(['--workers', 2, '--test-placement']);
    const args = ['--workers', 2, '--test-placement', '--port', program.port];
    const devices = [
      await Device.arrive(program, 'ada', { worker: 0, transports: ['websocket'] }),
      await Device.arrive(program, 'ada', { worker: 1, transports: ['polling'] }),
      await Device.arrive(program, 'ben', { worker: 0 }),
    ];
    const before = devices[0].all('welcome')[0].serverId;
    const reasons = devices.map(({ socket }) => new Promise((resolve) => socket.once('disconnect', resolve)));
    const sent = await devices[0].say('before');
    const started = Date.now();
    assert.equal(await program.stop(), 0);
    assert.ok(Date.now() - started < 8000, 'within the deadline');
    for (const reason of await Promise.all(reasons)) {
      assert.notEqual(reason, 'io server disconnect', 'that client would stay away');
    }

    program = await Program.serve(args);
    for (const device of devices) {
      const { serverId } = await device.next('welcome', (welcome) => welcome.serverId !== before);
      assert.notEqual(serverId, before);
    }
    const { id } = await devices[2].say('after');
    assert.ok(id > sent.id);
    for (const device of devices) await device.next('chat_message', ({ text }) => text === 'after');
    for (const device of devices) device.leave();
    assert.equal(await program.stop(), 0);
  });
});
