// Connection state recovery in the program (--recovery): stock clients whose connection is cut.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { cutOff, Line } from '../support/line.mjs';
import { until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const keeping = await Program.serve(['--workers', 4, '--recovery', '1m']);
after(async () => assert.equal(await keeping.stop(), 0));

/** A device behind a line that can be cut. */
async function behindLine(t, program, user, transports) {
  const line = await Line.open(t, program.port);
  const device = await Device.arrive(line, user, { transports });
  t.after(() => device.leave());
  return { line, device };
}

async function peer(t, program, user) {
  const device = await Device.arrive(program, user);
  t.after(() => device.leave());
  return device;
}

/** Away while `meanwhile` runs, then back. */
async function away({ line, device }, meanwhile) {
  line.pause();
  await cutOff(line, device.socket);
  await meanwhile();
  line.resume();
  await until(() => device.socket.connected, 'the device to be back');
}

const texts = (device) => device.all('chat_message').map(({ text }) => text);

for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
  test(`over ${transports.join(', then ')} a device that was cut off is the same and hears what it missed once`, async (t) => {
    const user = `ada-${transports.join('-')}`;
    const scene = await behindLine(t, keeping, user, transports);
    const { device } = scene;
    const ben = await peer(t, keeping, `ben-${transports.join('-')}`);
    const { id } = device.socket;
    await ben.say('before', { user });
    await device.next('chat_message', ({ text }) => text === 'before');
    const before = (await keeping.get('/healthz')).body.recovery.recovered;
    await away(scene, async () => {
      await ben.say('missed', { user });
      await ben.say('missed too', { user });
    });
    assert.deepEqual([device.socket.recovered, device.socket.id], [true, id]);
    await ben.say('after', { user });
    await device.next('chat_message', ({ text }) => text === 'after');
    assert.deepEqual(texts(device), ['before', 'missed', 'missed too', 'after']);
    assert.ok((await keeping.get('/healthz')).body.recovery.recovered > before);
  });
}

describe('rooms after it', () => {
  test('are those of the user, whose other device has left one and joined one', async (t) => {
    const scene = await behindLine(t, keeping, 'cleo', ['websocket']);
    const other = await peer(t, keeping, 'cleo');
    const dan = await peer(t, keeping, 'dan');
    for (const room of ['left', 'kept']) await scene.device.ask('joinRoom', { room });
    await away(scene, async () => {
      await other.ask('leaveRoom', { room: 'left' });
      await other.ask('joinRoom', { room: 'joined' });
    });
    assert.equal(scene.device.socket.recovered, true);
    const { rooms } = await scene.device.next('welcome');
    assert.deepEqual(rooms, ['joined', 'kept']);
    for (const room of ['left', 'kept', 'joined']) await dan.say(`to ${room}`, { room });
    await scene.device.next('chat_message', ({ text }) => text === 'to joined');
    assert.deepEqual(texts(scene.device), ['to kept', 'to joined']);
  });

  test('are none for who had no other device, until they are joined again', async (t) => {
    const scene = await behindLine(t, keeping, 'eva', ['websocket']);
    const finn = await peer(t, keeping, 'finn');
    await scene.device.ask('joinRoom', { room: 'tea' });
    await away(scene, async () => {
      await finn.next('presence', ({ user, online }) => user.id === 'eva' && !online);
      await finn.say('while away', { room: 'tea' });
    });
    assert.equal(scene.device.socket.recovered, true);
    assert.deepEqual((await scene.device.next('welcome')).rooms, []);
    await finn.say('while out', { room: 'tea' });
    assert.deepEqual((await scene.device.ask('joinRoom', { room: 'tea' })).rooms, ['tea']);
    await finn.say('back in', { room: 'tea' });
    await scene.device.next('chat_message', ({ text }) => text === 'back in');
    assert.ok(!texts(scene.device).includes('while out'), texts(scene.device).join());
  });
});

test('without --recovery a device that was cut off has a new session, and nothing is told of recovery', async (t) => {
  const program = await Program.serve(['--workers', 2]);
  t.after(() => program.stop());
  const scene = await behindLine(t, program, 'ada', ['websocket']);
  const { id } = scene.device.socket;
  await away(scene, async () => {});
  assert.deepEqual([!scene.device.socket.recovered, scene.device.socket.id === id], [true, false]);
  assert.equal((await program.get('/healthz')).body.recovery, undefined);
});
