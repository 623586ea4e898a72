// The chat: messages to everybody, rooms and users; who is online; typing.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const ADA = { id: 'ada', firstName: 'ada', lastName: '' };
const BEN = { id: 'ben', firstName: 'ben', lastName: '' };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let program;
let devices = [];
const arrive = async (...args) => {
  const device = await Device.arrive(program, ...args);
  devices.push(device);
  return device;
};

/** Everybody leaves, and the server has seen it. */
async function empty() {
  for (const device of devices) device.leave();
  devices = [];
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await program.get('/healthz')).body.users === 0) return;
  }
  assert.fail('somebody is left behind');
}

before(async () => (program = await Program.serve(['--workers', 4, '--test-placement'])));
beforeEach(() => empty());
after(async () => {
  await empty();
  assert.equal(await program.stop(), 0);
});

describe('welcome', () => {
  test('is the first thing a device hears and says where it is', async () => {
    await arrive('ben', { worker: 1 });
    const ada = await arrive('ada', { worker: 3, kind: 'phone' });
    assert.equal(ada.heard[0].event, 'welcome');
    const { user, worker, workers, rooms, online, devices: own, serverId } = ada.heard[0].args;
    assert.deepEqual(user, ADA);
    assert.deepEqual([worker, workers], [3, 4]);
    assert.deepEqual(rooms, []);
    assert.deepEqual(
      online.sort((a, b) => (a.id < b.id ? -1 : 1)),
      [
        { ...ADA, devices: 1 },
        { ...BEN, devices: 1 },
      ],
    );
    assert.equal(own.length, 1);
    assert.deepEqual({ ...own[0], since: '' }, { socket: ada.socket.id, kind: 'phone', worker: 3, since: '', here: true });
    assert.match(own[0].since, ISO);
    assert.match(serverId, /^[\w-]{8,}$/);
  });
});

describe('a message', () => {
  test('to everybody reaches every device of everybody, the sender too', async () => {
    const phone = await arrive('ada', { worker: 0 });
    const desktop = await arrive('ada', { worker: 3 });
    const ben = await arrive('ben', { worker: 2, transports: ['polling'] });
    for (const to of [undefined, null, 'everybody']) {
      const { id, time } = await phone.say('Hello, “世界” \u{1f600}\n', to);
      const args = { id, time, from: ADA, to: 'everybody', text: 'Hello, “世界” \u{1f600}\n' };
      for (const device of [phone, desktop, ben]) {
        assert.deepEqual(await device.nextEnvelope('chat_message'), { event: 'chat_message', id: 'ada', args });
      }
      assert.match(time, ISO);
    }
  });

  test('to a user reaches their devices and the sender’s, and nobody else', async () => {
    const phone = await arrive('ada', { worker: 0 });
    const desktop = await arrive('ada', { worker: 3 });
    const ben = [await arrive('ben', { worker: 1 }), await arrive('ben', { worker: 2 })];
    const cid = await arrive('cid', { worker: 1 });
    const { id, time } = await phone.say('psst', { user: 'ben' });
    const args = { id, time, from: ADA, to: { user: 'ben' }, text: 'psst' };
    for (const device of [phone, desktop, ...ben]) {
      assert.deepEqual(await device.nextEnvelope('chat_message'), { event: 'chat_message', id: 'ben', args });
    }
    await cid.inStep();
    assert.equal(cid.all('chat_message').length, 0);
  });

  test('to oneself arrives once at each device', async () => {
    const phone = await arrive('ada', { worker: 0 });
    const desktop = await arrive('ada', { worker: 1 });
    await phone.say('note', { user: 'ada' });
    for (const device of [phone, desktop]) {
      await device.next('chat_message');
      await device.inStep();
      assert.equal(device.all('chat_message').length, 1);
    }
  });

  test('to a room reaches those who are in it', async () => {
    const ada = await arrive('ada', { worker: 0 });
    const ben = await arrive('ben', { worker: 1 });
    const cid = await arrive('cid', { worker: 2 });
    await ada.ask('joinRoom', { room: 'kitchen' });
    await ben.ask('joinRoom', { room: 'kitchen' });
    const { id, time } = await ada.say('tea?', { room: 'kitchen' });
    const args = { id, time, from: ADA, to: { room: 'kitchen' }, text: 'tea?' };
    for (const device of [ada, ben]) {
      assert.deepEqual(await device.nextEnvelope('chat_message'), { event: 'chat_message', id: 'ada', args });
    }
    await cid.inStep();
    assert.equal(cid.all('chat_message').length, 0);
  });

  test('is never sent to a device by its socket’s id', async () => {
    const ada = await arrive('ada');
    const ben = await arrive('ben');
    await ada.say('hidden', { room: ben.socket.id });
    await ben.inStep();
    assert.equal(ben.all('chat_message').length, 0);
  });

  test('has a text and a recipient, or is answered with what is wrong', async () => {
    const ada = await arrive('ada');
    const error = async (args) => (await ada.ask('sendMessage', args)).error;
    for (const text of ['', 7, null, ['x'], { a: 1 }, 'x'.repeat(4001)]) {
      assert.equal(await error({ text }), 'text must have 1 to 4000 characters');
    }
    for (const to of ['all', 7, {}, [], { room: '' }, { room: 'x'.repeat(65) }, { user: '' }, { room: 'a', user: 'b' }]) {
      assert.match(await error({ text: 'x', to }), /^to must be/);
    }
    await ada.say('\u{1f600}'.repeat(4000));
    assert.equal((await ada.next('chat_message')).text.length, 8000);
    ada.tell('sendMessage', { text: '' });
    await ada.inStep();
    assert.equal(ada.all('chat_message').length, 1);
  });

  test('keeps its place in line', async () => {
    const ada = await arrive('ada', { worker: 0 });
    const ben = await arrive('ben', { worker: 3 });
    const ids = [];
    for (let i = 0; i < 200; i += 1) ada.tell('sendMessage', { text: String(i) });
    for (let i = 0; i < 200; i += 1) {
      const { id, text } = await ben.next('chat_message');
      assert.equal(text, String(i));
      ids.push(id);
    }
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });
});

describe('rooms', () => {
  test('belong to the user: all devices join and leave, new ones take them over', async () => {
    const phone = await arrive('ada', { worker: 0 });
    const desktop = await arrive('ada', { worker: 1 });
    assert.deepEqual(await phone.ask('joinRoom', { room: 'kitchen' }), { ok: true, rooms: ['kitchen'] });
    for (const device of [phone, desktop]) {
      assert.deepEqual(await device.next('room_joined'), { room: 'kitchen', rooms: ['kitchen'] });
    }
    const tablet = await arrive('ada', { worker: 2 });
    assert.deepEqual(tablet.heard[0].args.rooms, ['kitchen']);
    const ben = await arrive('ben', { worker: 3 });
    await ben.say('hello', { room: 'kitchen' });
    for (const device of [phone, desktop, tablet]) assert.equal((await device.next('chat_message')).text, 'hello');

    assert.deepEqual(await tablet.ask('leaveRoom', { room: 'kitchen' }), { ok: true, rooms: [] });
    for (const device of [phone, desktop, tablet]) {
      assert.deepEqual(await device.next('room_left'), { room: 'kitchen', rooms: [] });
    }
    await ben.say('anybody?', { room: 'kitchen' });
    for (const device of [phone, desktop, tablet]) {
      await device.inStep();
      assert.equal(device.all('chat_message').length, 1);
    }
  });

  test('are forgotten with the last device', async () => {
    const ada = await arrive('ada');
    await ada.ask('joinRoom', { room: 'kitchen' });
    await empty();
    assert.deepEqual((await arrive('ada')).heard[0].args.rooms, []);
  });

  test('have names of bounded length, and a user is in a bounded number of them', async () => {
    const ada = await arrive('ada');
    for (const event of ['joinRoom', 'leaveRoom']) {
      for (const args of [undefined, {}, { room: 7 }, { room: '' }, { room: 'x'.repeat(65) }]) {
        assert.deepEqual(await ada.ask(event, args), { ok: false, error: 'room must have 1 to 64 characters' });
      }
    }
    for (let i = 0; i < 50; i += 1) assert.equal((await ada.ask('joinRoom', { room: `room ${i}` })).ok, true);
    assert.deepEqual(await ada.ask('joinRoom', { room: 'one more' }), { ok: false, error: 'no more than 50 rooms' });
    assert.equal((await ada.ask('joinRoom', { room: 'room 0' })).rooms.length, 50);
  });

  test('end as the last word said, though devices join and leave at once', async () => {
    const here = await arrive('ada', { worker: 0 });
    const there = await arrive('ada', { worker: 1 });
    const ben = await arrive('ben', { worker: 2 });
    for (let round = 0; round < 30; round += 1) {
      await Promise.all([here.ask('joinRoom', { room: 'r' }), there.ask('leaveRoom', { room: 'r' })]);
      const { rooms } = await here.ask('leaveRoom', { room: 'other' });
      await there.ask('leaveRoom', { room: 'other' });
      const { id } = await ben.say(String(round), { room: 'r' });
      for (const device of [here, there]) {
        await device.inStep();
        const heard = device.all('chat_message').some((message) => message.id === id);
        assert.equal(heard, rooms.includes('r'), `round ${round}`);
      }
    }
  });
});

describe('typing', () => {
  test('is shown to those concerned, never to the one who types', async () => {
    const phone = await arrive('ada', { worker: 0 });
    const desktop = await arrive('ada', { worker: 1 });
    const ben = await arrive('ben', { worker: 2 });
    const cid = await arrive('cid', { worker: 3 });
    await ben.ask('joinRoom', { room: 'kitchen' });
    phone.tell('typing', { to: 'everybody', typing: true });
    for (const device of [ben, cid]) {
      assert.deepEqual(await device.next('typing'), { from: ADA, to: 'everybody', typing: true });
    }
    phone.tell('typing', { to: { room: 'kitchen' }, typing: false });
    assert.deepEqual(await ben.next('typing'), { from: ADA, to: { room: 'kitchen' }, typing: false });
    phone.tell('typing', { to: { user: 'ben' }, typing: true });
    assert.deepEqual(await ben.next('typing'), { from: ADA, to: { user: 'ben' }, typing: true });
    for (const device of [phone, desktop, cid]) await device.inStep();
    assert.equal(phone.all('typing').length, 0);
    assert.equal(desktop.all('typing').length, 0);
    assert.equal(cid.all('typing').length, 1);
    assert.equal((await phone.ask('typing', { to: 'everybody' })).ok, false);
    assert.equal((await phone.ask('typing', { to: 'all', typing: true })).ok, false);
  });
});

describe('presence', () => {
  test('tells everybody of the first device, of more and of the last', async () => {
    const ben = await arrive('ben', { worker: 1 });
    const phone = await arrive('ada', { worker: 0, kind: 'phone' });
    const of = (user) => (args) => args.user.id === user;
    assert.deepEqual(await ben.next('presence', of('ada')), { user: ADA, online: true, devices: 1 });
    const desktop = await arrive('ada', { worker: 3, kind: 'desktop' });
    assert.deepEqual(await ben.next('presence', of('ada')), { user: ADA, online: true, devices: 2 });
    const both = await phone.next('devices', ({ devices: list }) => list.length === 2);
    assert.deepEqual(
      both.devices.map(({ socket, kind, worker }) => [socket, kind, worker]),
      [
        [phone.socket.id, 'phone', 0],
        [desktop.socket.id, 'desktop', 3],
      ],
    );
    phone.leave();
    assert.deepEqual(await ben.next('presence', of('ada')), { user: ADA, online: true, devices: 1 });
    assert.deepEqual(
      (await desktop.next('devices', ({ devices: list }) => list.length === 1)).devices.map(({ socket }) => socket),
      [desktop.socket.id],
    );
    desktop.leave();
    assert.deepEqual(await ben.next('presence', of('ada')), { user: ADA, online: false, devices: 0 });
  });

  test('answers who is online', async () => {
    const ben = await arrive('ben', { worker: 0 });
    await arrive('ada', { worker: 1 });
    await arrive('ada', { worker: 2 });
    const { users } = await ben.ask('whoIsOnline', {});
    assert.deepEqual(
      users.sort((a, b) => (a.id < b.id ? -1 : 1)),
      [
        { ...ADA, devices: 2 },
        { ...BEN, devices: 1 },
      ],
    );
  });
});
