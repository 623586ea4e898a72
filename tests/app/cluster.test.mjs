// Several processes are one chat: sessions, messages, presence, rooms and history, whichever process a device landed on.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { until } from '../support/waiting.mjs';
import { Device, apart } from './support/device.mjs';
import { Instance, allReady } from './support/supervised.mjs';

const PROCESSES = 3;

async function cluster(t, args = []) {
  const instance = new Instance(t);
  const program = await instance.serve(['--processes', PROCESSES, ...args]);
  await instance.processes(program.port, (list) => list.length === PROCESSES && allReady(list), 'all ready');
  await until(async () => (await program.get('/healthz')).body.redis?.nodes === PROCESSES - 1, 'the processes know each other');
  return { instance, program };
}

test('devices of one user on several processes get every message once and in order', async (t) => {
  const { program } = await cluster(t);
  const { near, far, all } = await apart(t, program, 'ada');
  const ben = await Device.arrive(program, 'ben');
  t.after(() => ben.leave());
  const lines = (who, count) => Array.from({ length: count }, (_, i) => `${who} ${i}`);
  const said = { near: lines('near', 20), far: lines('far', 20), ben: lines('ben', 20) };
  const say = async (device, texts, user) => {
    for (const text of texts) await device.say(text, { user });
  };
  await Promise.all([say(near, said.near, 'ben'), say(far, said.far, 'ben'), say(ben, said.ben, 'ada')]);
  const texts = (device) => device.all('chat_message').map(({ text }) => text);
  for (const device of [...all, ben]) {
    await until(() => texts(device).length >= 60, 'all messages');
    await device.inStep();
    assert.equal(texts(device).length, 60);  // each once
    for (const [who, list] of Object.entries(said))  // emitters' order
      assert.deepEqual(texts(device).filter((text) => text.startsWith(who)), list);
  }
});

test('rooms belong to a user wherever the devices are, and everybody knows who is online', async (t) => {
  const { program } = await cluster(t);
  const { near, far } = await apart(t, program, 'ada');
  const { rooms } = await near.ask('joinRoom', { room: 'kitchen' });
  assert.deepEqual(rooms, ['kitchen']);
  await far.next('room_joined');
  const ben = await apart(t, program, 'ben');
  await ben.far.ask('joinRoom', { room: 'kitchen' });
  await ben.near.next('room_joined');
  await ben.near.say('who is here?', { room: 'kitchen' });
  for (const device of [near, far, ben.near, ben.far]) await device.next('chat_message', ({ text }) => text === 'who is here?');
  const counts = Object.fromEntries((await near.ask('whoIsOnline')).users.map(({ id, devices }) => [id, devices]));
  assert.equal(counts.ben, ben.all.length);
  ben.all.forEach((device) => device.leave());
  await far.next('presence', ({ user, online }) => user.id === 'ben' && !online);
});

test('the history is one, and a PUBLISH from anybody reaches a user', async (t) => {
  const { instance, program } = await cluster(t);
  const { near, far } = await apart(t, program, 'ada');
  await near.say('one', 'everybody');
  await far.next('chat_message', ({ text }) => text === 'one');
  const heard = Date.now();
  await until(() => Date.now() > heard, 'the next millisecond: messages of two processes are sorted by it');
  await far.say('two', 'everybody');
  await until(async () => {
    for (let i = 0; i < 12; i += 1) {  // a connection each, to whichever process accepts it
      const { body } = await program.get('/messages?token=any&id=ada');
      if (body.partial || body.messages.map(({ text }) => text).join() !== 'one,two') return false;
    }
    return true;
  }, 'the same history on all processes');
  const runtime = join(instance.folder, 'chorus');
  const own = join(runtime, readdirSync(runtime).find((name) => /^\d+$/.test(name)));
  const socket = readdirSync(own).find((name) => /^redis-\d+\.sock$/.test(name));
  const payload = JSON.stringify({ event: 'pushed', id: 'ada', args: { n: 1 } });
  await promisify(execFile)('redis-cli', ['-s', join(own, socket), 'PUBLISH', 'message:outgoing_socket_message', payload]);
  for (const device of [near, far])
    assert.deepEqual(await device.nextEnvelope('pushed'), { event: 'pushed', id: 'ada', args: { n: 1 } });
});

test('polling clients and upgrades need no sticky sessions between processes', async (t) => {
  const { program } = await cluster(t);
  const clients = [];
  t.after(() => clients.forEach((client) => client.leave()));
  const faults = [];
  const arrive = async (i) => {
    const transports = i % 4 ? ['polling'] : ['polling', 'websocket'];
    const client = await Device.arrive(program, `user ${i}`, { transports, agent: false });
    client.socket.on('disconnect', (reason) => faults.push(`${i}: ${reason}`));
    clients.push(client);
    const texts = Array.from({ length: 8 }, (_, n) => `${i}.${n}`);
    await Promise.all(texts.map((text) => client.say(text, { user: `user ${i}` })));
    await client.next('chat_message', ({ text }) => text === texts.at(-1));
    assert.deepEqual(client.heard.filter(({ event }) => event === 'chat_message').map(({ args }) => args.text), texts);
  };
  for (let round = 0; round < 4; round += 1) await Promise.all(Array.from({ length: 20 }, (_, i) => arrive(20 * round + i)));
  assert.deepEqual(faults, []);
});

test('a killed process loses its own connections only, and nobody stays online who is not', async (t) => {
  const { instance, program } = await cluster(t);
  const { near, far, all } = await apart(t, program, 'ada');
  const gone = await Device.arrive(program, 'ben', { reconnection: false });
  t.after(() => gone.leave());
  const before = await instance.processes(program.port, allReady, 'ready');
  const lost = new Set();
  for (const device of all) device.socket.on('disconnect', () => lost.add(device));
  // The process that has ben's device: ben leaves with it.
  const victim = before.find(({ users, connections }) => connections > 0 && users > 0);
  process.kill(victim.pid, 'SIGKILL');
  await instance.processes(program.port, (list) => allReady(list) && list.every(({ pid }) => pid !== victim.pid), 'replaced');
  for (const device of all) await until(() => device.socket.connected, 'all are back');
  assert.ok(lost.size < all.length || all.length < 2, 'some never left');
  await near.say('still here', { user: 'ada' });
  for (const device of [near, far]) await device.next('chat_message', ({ text }) => text === 'still here');
  await until(async () => {
    const { users } = await near.ask('whoIsOnline');
    const ada = users.find(({ id }) => id === 'ada');
    return ada?.devices === all.length;
  }, 'every device is counted once', 20_000);
});
