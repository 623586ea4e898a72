// The supervisor: processes that crash, are replaced, handed over and ended.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { binary } from './support/program.mjs';
import { Instance, Stream, allReady, arriveAt, childrenOf, gone, isAlive, nameOf } from './support/supervised.mjs';

const pids = (list) => list.map(({ pid }) => pid);
const redisOf = (program) => childrenOf(program.pid).find((pid) => nameOf(pid).startsWith('redis'));
const count = (text, pattern) => [...text.matchAll(pattern)].length;

describe('a supervisor', () => {
  test('says which processes it started, and shows how they are', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    assert.match(program.stdout, /^Listening on port \d+\.\n/);
    assert.match(program.stdout, /Workers: +1 in each of 2 processes\n/);
    await until(() => count(program.stdout, /^Process \d started: pid \d+$/gm) === 2, 'two lines');
    const device = await Device.arrive(program, 'ada', { transports: ['websocket'] });
    const status = await instance.status(program.port);
    assert.equal(status.pid, program.pid);
    assert.equal(status.port, program.port);
    assert.equal(status.redis, 'private');
    for (const { slot, pid, state, restarts, ageMs } of status.processes) {
      assert.ok(program.stdout.includes(`Process ${slot} started: pid ${pid}\n`));
      assert.equal(state, 'ready');
      assert.equal(restarts, 0);
      assert.ok(ageMs >= 0 && ageMs < 60_000);
    }
    const sum = (name) => status.processes.reduce((total, process) => total + process[name], 0);
    assert.deepEqual([sum('connections'), sum('sessions'), sum('users')], [1, 1, 1]);
    const { code, stdout } = await instance.run(['status', '--port', program.port]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Supervisor: pid ${program.pid}, chorus \\S+, port ${program.port} on localhost`));
    assert.match(stdout, /\nSLOT +PID +STATE +AGE +RESTARTS +CONNECTIONS +SESSIONS +USERS\n0 +\d+ +ready /);
    device.leave();
    assert.equal(await program.stop(), 0);
    assert.deepEqual(readdirSync(join(instance.folder, 'chorus')), [], 'nothing is left behind');
  });

  test('has no status where nothing runs', async (t) => {
    const instance = new Instance(t);
    const { code, stdout, stderr } = await instance.run(['status', '--port', 1]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^chorus: port 1: no instance of yours runs here/);
  });

  test('serves one process without Redis, and looks after that too', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve([]);
    const [first] = await instance.processes(program.port, allReady, 'ready');
    assert.equal((await instance.status(program.port)).redis, 'none');
    assert.deepEqual(childrenOf(program.pid), [first.pid]);
    process.kill(first.pid, 'SIGKILL');
    const [next] = await instance.processes(program.port, ([one]) => one.state === 'ready' && one.pid !== first.pid, 'next');
    assert.equal(next.restarts, 1);
    assert.equal((await program.get('/healthz')).status, 200);
  });

  test('replaces a killed process, whose neighbours feel nothing', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    const before = pids(await instance.processes(program.port, allReady, 'ready'));
    const devices = [];
    for (const pid of before) {
      devices.push(await arriveAt(t, program, pid, before.filter((other) => other !== pid), `user of ${pid}`));
    }
    const list = await instance.processes(program.port, allReady, 'ready');
    assert.deepEqual(list.map(({ sessions }) => sessions), [1, 1]);
    const cut = [];
    for (const device of devices) device.socket.on('disconnect', () => cut.push(device));
    const [victim, neighbour] = before;
    process.kill(victim, 'SIGKILL');
    const after = await instance.processes(program.port, (now) => allReady(now) && now[0].pid !== victim, 'a successor');
    assert.equal(after[0].restarts, 1);
    assert.equal(after[1].pid, neighbour);
    await devices[0].next('welcome');
    await devices[1].inStep();
    assert.deepEqual(cut, [devices[0]], 'the other has seen nothing');
    assert.match(program.stderr, new RegExp(`process_crashed slot=0 pid=${victim} signal=9 name=SIGKILL`));
    assert.ok(program.stdout.includes(`Process 0 started: pid ${after[0].pid}\n`));
  });

  test('waits longer and longer between the crashes of a crash loop', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve([]);
    const [{ pid }] = await instance.processes(program.port, allReady, 'ready');
    writeFileSync(instance.startFile, 'crash');
    process.kill(pid, 'SIGKILL');
    const delays = () => [...program.stderr.matchAll(/process_crashed .*again_in_ms=(\d+)/g)].map(([, ms]) => Number(ms));
    await until(() => delays().length >= 4, 'four crashes');
    assert.deepEqual(delays().slice(0, 4), [100, 200, 400, 800]);
    rmSync(instance.startFile);
    const [{ restarts }] = await instance.processes(program.port, allReady, 'ready again');
    assert.equal(restarts, delays().length);
    assert.equal((await program.get('/healthz')).status, 200);
  });

  test('leaves a process alone that ended on purpose, and ends with the last one', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    const [first, second] = await instance.processes(program.port, allReady, 'ready');
    process.kill(first.pid, 'SIGTERM');
    await instance.processes(program.port, ([one]) => one.state === 'ended on purpose', 'the end of the first');
    assert.equal((await program.get('/healthz')).status, 200);
    process.kill(second.pid, 'SIGTERM');
    await until(() => !program.running, 'the end of the supervisor');
    assert.equal(await program.stop(), 0);
  });

  test('ends with a sentence when its processes cannot start', async (t) => {
    const instance = new Instance(t);
    writeFileSync(instance.startFile, 'fail');
    const { code, stdout, stderr } = await instance.run(['serve', '--port', 0]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^chorus: told by CHORUS_TEST_START_FILE to fail$/m);
  });
});

describe('at SIGHUP it', () => {
  test('replaces all processes and refuses no connection', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    const before = await instance.processes(program.port, allReady, 'ready');
    const stream = new Stream(program.port);
    await stream.more();
    for (let round = 0; round < 2; ++round) {
      process.kill(program.pid, 'SIGHUP');
      await until(() => count(program.stdout, / started: /g) === 4 + 2 * round, 'the successors');
      await instance.processes(program.port, (list) => list.length === 2 && allReady(list), 'the end of the old ones');
    }
    await stream.more();
    const after = await instance.processes(program.port, allReady, 'ready');
    await stream.stop();
    assert.ok(!pids(after).some((pid) => pids(before).includes(pid)));
    assert.ok(after.every(({ restarts }) => restarts === 0));
    assert.equal(await program.stop(), 0);
  });

  test('keeps the old ones when a successor does not become ready', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2, '--start-timeout', '3s']);
    const before = await instance.processes(program.port, allReady, 'ready');
    for (const how of ['hang', 'crash']) {
      const stopped = count(program.stderr, /error roll_stopped/g);
      writeFileSync(instance.startFile, how);
      process.kill(program.pid, 'SIGHUP');
      await until(() => count(program.stderr, /error roll_stopped/g) > stopped, 'the line');
      const after = await instance.processes(program.port, allReady, 'ready');
      assert.deepEqual(pids(after), pids(before));
    }
    assert.match(program.stderr, /process_too_slow slot=0 pid=\d+ state=starting/);
    assert.equal((await program.get('/healthz')).status, 200);
  });

  test('goes on when there is no supervisor', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--no-supervisor']);
    process.kill(program.pid, 'SIGHUP');
    await until(() => /sighup_ignored/.test(program.stderr), 'the line');
    assert.equal((await program.get('/healthz')).status, 200);
    assert.equal((await instance.run(['status', '--port', program.port])).code, 1);
    assert.equal(await program.stop(), 0);
  });
});

describe('at its end it', () => {
  test('hears its signals even when it was started with them ignored', async (t) => {
    const instance = new Instance(t);
    const wrapper = join(instance.folder, 'wrapper');
    writeFileSync(wrapper, `#!/bin/sh\ntrap '' HUP TERM CHLD\nexec "${binary()}" "$@"\n`, { mode: 0o755 });
    const program = await instance.serve([], {}, wrapper);
    process.kill(program.pid, 'SIGHUP');
    await until(() => count(program.stdout, / started: /g) === 2, 'a successor');
    assert.equal(await program.stop('SIGTERM'), 0);
  });

  test('drains its processes, then ends Redis', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    const family = childrenOf(program.pid);
    assert.equal(family.length, 3);
    assert.ok(redisOf(program));
    const device = await Device.arrive(program, 'ada', { transports: ['websocket'] });
    const reason = new Promise((resolve) => device.socket.once('disconnect', resolve));
    assert.equal(await program.stop('SIGINT'), 0);
    assert.notEqual(await reason, 'io server disconnect', 'that client would stay away');
    assert.ok(!family.some(isAlive));
    device.leave();
  });

  test('ends at once when told twice', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2, '--drain-timeout', '10m']);
    const family = childrenOf(program.pid);
    const silent = await Device.arrive(program, 'ada', { transports: ['websocket'] });
    silent.socket.io.engine.transport.ws.pause(); // it never answers the end of its connection
    process.kill(program.pid, 'SIGTERM');
    await instance.processes(program.port, (list) => list.some(({ state }) => state === 'draining'), 'draining');
    assert.equal(await program.stop('SIGTERM'), 1);
    assert.ok(!family.some(isAlive));
    silent.socket.io.engine.transport?.ws?.terminate();
    silent.leave();
  });

  test('leaves nobody behind when it is killed', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    const family = childrenOf(program.pid);
    assert.equal(family.length, 3);
    process.kill(program.pid, 'SIGKILL');
    await gone(family, 'the end of all its processes');
    const next = await instance.serve(['--port', program.port, '--processes', 2]);
    assert.ok(await instance.status(next.port), 'the dead one\'s socket is replaced');
  });
});

describe('with --takeover it', () => {
  test('continues where an older instance was, and no connection fails', async (t) => {
    const instance = new Instance(t);
    const old = await instance.serve(['--processes', 2]);
    const { processes: before } = await instance.status(old.port);
    const stream = new Stream(old.port);
    await stream.more();
    const next = await instance.serve(['--processes', 2, '--takeover', '--port', old.port]);
    await until(() => !old.running, 'the end of the older one');
    assert.equal(await old.stop(), 0);
    await stream.more();
    await stream.stop();
    const status = await instance.status(old.port);
    assert.equal(status.pid, next.pid);
    assert.ok(!pids(status.processes).some((pid) => pids(before).includes(pid)));
    assert.equal(await next.stop(), 0);
  });

  test('just serves when there is none', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--takeover']);
    const again = await instance.serve(['--takeover', '--port', program.port]);
    await until(() => !program.running, 'the end of the first');
    assert.equal((await again.get('/healthz')).status, 200);
  });

  test('leaves the older one untouched when it does not become ready', async (t) => {
    const instance = new Instance(t);
    const old = await instance.serve([]);
    const before = await instance.processes(old.port, allReady, 'ready');
    for (const how of ['fail', 'crash', 'hang']) {
      writeFileSync(instance.startFile, how);
      const { code } = await instance.run(['serve', '--takeover', '--port', old.port, '--start-timeout', '300ms']);
      assert.equal(code, 1, how);
      rmSync(instance.startFile);
      assert.deepEqual(pids(await instance.processes(old.port, allReady, 'ready')), pids(before));
    }
    await until(() => count(old.stderr, /takeover_given_up/g) === 3, 'three lines');
    assert.equal((await old.get('/healthz')).status, 200);
  });

  test('does not move an instance to another address', async (t) => {
    const instance = new Instance(t);
    const old = await instance.serve([]);
    const { code, stderr } = await instance.run(['serve', '--takeover', '--port', old.port, '--host', '127.0.0.2']);
    assert.equal(code, 1);
    assert.match(stderr, /it listens on 'localhost', not on '127\.0\.0\.2'/);
    assert.equal((await old.get('/healthz')).status, 200);
  });

  test('names a stranger on the port and leaves it alone', async (t) => {
    const instance = new Instance(t);
    const stranger = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    t.after(() => stranger.close());
    const { port } = stranger.address();
    const { code, stderr } = await instance.run(['serve', '--takeover', '--port', port]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`port = ${port}.*(process ${process.pid} |user )`));
    assert.ok(stranger.listening);
  });
});

describe('for several processes it', () => {
  test('needs a redis-server, and says which package has it', async (t) => {
    const instance = new Instance(t);
    const { code, stdout, stderr } = await instance.run(['serve', '--port', 0, '--processes', 2], { PATH: instance.folder });
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /Debian's package redis-server.*--redis URL/);
  });

  test('starts a redis-server that crashed again', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2]);
    const first = redisOf(program);
    process.kill(first, 'SIGKILL');
    await until(() => /redis_crashed pid=\d+ signal=9/.test(program.stderr), 'the line');
    await until(() => redisOf(program) ?? 0, 'the next one');
    assert.notEqual(redisOf(program), first);
    assert.ok(allReady((await instance.status(program.port)).processes));
  });

  test('ends when the redis-server does not start', async (t) => {
    const instance = new Instance(t);
    const folder = join(instance.folder, 'bin');
    mkdirSync(folder);
    writeFileSync(join(folder, 'redis-server'), '#!/bin/sh\nexit 3\n');
    chmodSync(join(folder, 'redis-server'), 0o755);
    const { code, stderr } = await instance.run(['serve', '--port', 0, '--processes', 2], { PATH: folder });
    assert.equal(code, 1);
    assert.match(stderr, /^chorus: the private redis-server ended before it answered\.$/m);
  });

  test('starts none when it is told of one', async (t) => {
    const instance = new Instance(t);
    const program = await instance.serve(['--processes', 2, '--redis', 'redis://user:secret@127.0.0.1:1']);
    assert.equal(redisOf(program), undefined);
    const { stdout } = await instance.run(['status', '--port', program.port]);
    assert.match(stdout, /Redis: redis:\/\/127\.0\.0\.1:1\n/);
    assert.doesNotMatch(stdout, /secret/);
  });
});
