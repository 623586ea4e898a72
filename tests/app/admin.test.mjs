// The Admin UI's namespace of the program: who may look, and in a cluster that anybody of it knows who has signed in.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import adminUi from '@socket.io/admin-ui';
import { io } from 'socket.io-client';

import { deadline, until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { Program, run } from './support/program.mjs';
import { Redis } from './support/redis.mjs';

const HASH = '$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS'; // of "changeit"
const credentials = { username: 'ann', password: 'changeit' };

function hashFile(t) {
  const folder = mkdtempSync(join(tmpdir(), 'chorus-admin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'hash');
  writeFileSync(file, `${HASH}\n`);
  return file;
}

async function serve(t, ...args) {
  const program = await Program.serve(['--no-supervisor', '--workers', 2, ...args]);
  t.after(() => program.stop());
  return program;
}

/** Somebody who looks, and what they were told: `told(event)`. */
function look(t, program, auth, nsp = '/admin') {
  const socket = io(program.url + nsp, { forceNew: true, reconnection: false, auth });
  t.after(() => socket.disconnect());
  const all = [];
  socket.onAny((event, ...args) => all.push({ event, args }));
  const told = (event) => all.filter((each) => each.event === event).map(({ args }) => args);
  return Object.assign(socket, { told });
}

/** Resolves when they were let in, with undefined; or with the refusal's message. */
const outcome = (socket) =>
  deadline(
    new Promise((resolve) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', ({ message }) => resolve(message));
    }),
    'a verdict',
  );

test('without a user nobody can look', async (t) => {
  const program = await serve(t);
  assert.equal(await outcome(look(t, program, credentials)), 'Invalid namespace');
});

test('who has the password looks at the chat, and acts on it', async (t) => {
  const hash = hashFile(t);
  const program = await serve(t, '--log-level', 'info', '--admin-user', 'ann', '--admin-password-hash-file', hash);
  assert.equal(await outcome(look(t, program, { ...credentials, password: 'guess' })), 'invalid credentials');
  assert.match(program.stderr, /admin_refused/);
  const device = await Device.arrive(program, 'ada');
  t.after(() => device.leave());
  const admin = look(t, program, credentials);
  assert.equal(await outcome(admin), undefined);
  await until(() => admin.told('all_sockets').length === 1, 'the sockets');
  const socket = admin.told('all_sockets')[0][0].find(({ nsp }) => nsp === '/socket');
  assert.equal(socket.id, device.socket.id);
  const ended = new Promise((resolve) => device.socket.once('disconnect', resolve));
  admin.emit('_disconnect', '/socket', true, socket.id);
  assert.equal(await deadline(ended, 'its end'), 'io server disconnect');
});

test('read-only and for production', async (t) => {
  const program = await serve(
    t, '--admin-user', 'ann', '--admin-password-hash-file', hashFile(t), '--admin-readonly', '--admin-production',
  );
  const admin = look(t, program, credentials);
  assert.equal(await outcome(admin), undefined);
  await until(() => admin.told('config').length === 1, 'what can be done');
  assert.deepEqual(admin.told('config')[0], [{ supportedFeatures: ['AGGREGATED_EVENTS'] }]);
});

test('the hosted page may ask, with credentials', async (t) => {
  const program = await serve(t, '--cors-origin', 'https://admin.socket.io', '--cors-credentials');
  const answer = await fetch(`${program.url}/socket.io/?EIO=4&transport=polling`, {
    headers: { Origin: 'https://admin.socket.io' },
  });
  await answer.text();
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://admin.socket.io');
  assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
});

test('a hash that is none is named at the start, and not repeated', async (t) => {
  const { code, stderr } = await run(['serve', '--admin-user', 'ann'], { CHORUS_ADMIN_PASSWORD_HASH: 'changeit' });
  assert.equal(code, 2);
  assert.match(stderr, /CHORUS_ADMIN_PASSWORD_HASH is no bcrypt hash/);
  assert.doesNotMatch(stderr, /changeit/);
});

test('all nodes and Node.js know who has signed in, and show each other', async (t) => {
  const redis = await Redis.start(t);
  const args = ['--redis', redis.url, '--admin-user', 'ann', '--admin-password-hash-file', hashFile(t)];
  const [one, other] = await Promise.all([serve(t, ...args), serve(t, ...args)]);
  await until(
    async () => (await Promise.all([one, other].map((p) => p.get('/healthz')))).every(({ body }) => body.redis.nodes === 1),
    'the nodes know each other',
  );
  const client = await redis.client(t);

  const admin = look(t, one, credentials);
  assert.equal(await outcome(admin), undefined);
  await until(() => admin.told('session').length > 0, 'a session');
  const [[sessionId]] = admin.told('session');
  await until(async () => (await client.get(`socket.io-admin#${sessionId}`)) === '1', 'it is in Redis');
  const left = await client.ttl(`socket.io-admin#${sessionId}`);
  assert.ok(left > 86_000 && left <= 86_400, `for a day, not ${left} s`);

  // As Node's own store finds it, and the other way. It was made for a client that takes call-backs.
  const store = new adminUi.RedisStore({
    exists: (key, callback) => client.exists(key).then((found) => callback(null, found)),
    multi: () => {
      const commands = client.multi();
      const chain = {
        set: (key, value) => (commands.set(key, String(value)), chain),
        expire: (key, seconds) => (commands.expire(key, seconds), chain),
        exec: () => commands.exec(),
      };
      return chain;
    },
  });
  assert.equal(await store.doesSessionExist(sessionId), true);
  await store.saveSession('0123456789abcdef');
  await until(() => store.doesSessionExist('0123456789abcdef'), 'its own session');
  for (const id of [sessionId, '0123456789abcdef'])
    assert.equal(await outcome(look(t, other, { sessionId: id })), undefined, id);
  assert.equal(await outcome(look(t, other, { sessionId: '0123456789abcdee' })), 'invalid credentials');

  // What happens at the other node, and what is done to it.
  await until(
    () => new Set(admin.told('server_stats').map(([{ pid }]) => pid)).size === 2,
    'counts of both',
  );
  const device = await Device.arrive(other, 'ada');
  t.after(() => device.leave());
  await until(() => admin.told('socket_connected').some(([{ id }]) => id === device.socket.id), 'a client of the other');
  const ended = new Promise((resolve) => device.socket.once('disconnect', resolve));
  admin.emit('_disconnect', '/socket', false, device.socket.id);
  assert.equal(await deadline(ended, 'its end'), 'io server disconnect');
});

/** The URL of a Node server that can be looked into, too. */
async function startNode(t, redis) {
  const script = fileURLToPath(new URL('support/admin_node.mjs', import.meta.url));
  const node = spawn(process.execPath, [script, redis.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(node, 'exit');
  t.after(async () => {
    node.kill('SIGKILL');
    await ended;
  });
  const [port] = await deadline(once(node.stdout.setEncoding('utf8'), 'data'), 'the port of the Node server');
  return `http://127.0.0.1:${port.trim()}`;
}

test('a Node server in the same cluster shows what is at Chorus, and the other way round', async (t) => {
  const redis = await Redis.start(t);
  const program = await serve(t, '--redis', redis.url, '--admin-user', 'ann', '--admin-password-hash-file', hashFile(t));
  const nodeUrl = await startNode(t, redis);
  await until(async () => (await program.get('/healthz')).body.redis.state === 'up', 'the link');

  const device = await Device.arrive(program, 'ada');
  t.after(() => device.leave());
  const { id } = device.socket;
  await until(() => device.socket.io.engine.transport.name === 'websocket', 'the WebSocket');
  // Looking from Node: what it fetches of Chorus, and what Chorus tells.
  const there = look(t, { url: nodeUrl }, {});
  await until(() => there.told('all_sockets').length === 1, 'the sockets at Node');
  const seen = there.told('all_sockets')[0][0].find((socket) => socket.id === id);
  assert.equal(seen.clientId, device.socket.io.engine.id.slice(0, 12));
  assert.equal(seen.transport, 'websocket');
  assert.equal(seen.nsp, '/socket');
  await until(() => there.told('server_stats').some(([{ pid }]) => pid === program.pid), 'counts of Chorus');

  // Looking from Chorus.
  const here = look(t, program, credentials);
  assert.equal(await outcome(here), undefined);
  await until(() => here.told('server_stats').some(([{ serverId }]) => serverId === 'node'), 'counts of Node');
  const other = io(`${nodeUrl}/socket`, { forceNew: true, reconnection: false });
  t.after(() => other.disconnect());
  await until(() => here.told('socket_connected').some(([socket]) => socket.id === other.id), 'a client of Node');

  // Node's UI acts on Chorus, and Chorus's on Node.
  const ends = [device.socket, other].map((socket) => new Promise((resolve) => socket.once('disconnect', resolve)));
  there.emit('join', '/socket', 'from Node', id);
  await until(() => there.told('room_joined').some(([, room, who]) => room === 'from Node' && who === id), 'the room');
  there.emit('_disconnect', '/socket', false, id);
  here.emit('_disconnect', '/socket', true, other.id);
  assert.deepEqual(await deadline(Promise.all(ends), 'both ends'), ['io server disconnect', 'io server disconnect']);
});
