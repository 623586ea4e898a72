// The first version's behaviour: one event, an envelope, two handlers, and delivery to all devices of a user.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const SENT = { message: 'A message from user with id: ada has been send' };
const UPDATED = { message: 'A post you have been mentioned in has been updated' };
const TRANSPORTS = [['polling'], ['websocket'], ['polling', 'websocket']];

describe('the envelope', () => {
  let program;
  before(async () => (program = await Program.serve(['--workers', 4, '--test-placement'])));
  after(() => program.stop());

  for (const transports of TRANSPORTS) {
    test(`answers the two handlers over ${transports}`, async () => {
      const ada = await Device.arrive(program, 'ada', { transports });
      ada.tell('sendMessage', {});
      assert.deepEqual(await ada.nextEnvelope('message_sent'), { event: 'message_sent', id: 'ada', args: SENT });
      ada.tell('postUpdated', { anything: [1, 2] });
      assert.deepEqual(await ada.nextEnvelope('post_updated_notification'), {
        event: 'post_updated_notification',
        id: 'ada',
        args: UPDATED,
      });
      ada.leave();
    });
  }

  test('answers sendMessage as ever when args hold nothing the chat uses', async () => {
    const ada = await Device.arrive(program, 'ada');
    for (const args of [undefined, null, {}, [], 'text', 7, { content: 'x' }]) {
      ada.tell('sendMessage', args);
      assert.deepEqual(await ada.next('message_sent'), SENT);
    }
    assert.deepEqual(await ada.ask('sendMessage', {}), { ok: true });
    assert.deepEqual(await ada.ask('postUpdated', {}), { ok: true });
    ada.leave();
  });

  test('reaches all devices of the user on all workers, and nobody else', async () => {
    const devices = [];
    for (let worker = 0; worker < 4; worker += 1) {
      for (const transports of TRANSPORTS) devices.push(await Device.arrive(program, 'ada', { worker, transports }));
    }
    const ben = await Device.arrive(program, 'ben', { worker: 2 });
    for (const [at, device] of devices.entries()) assert.equal(device.all('welcome')[0].worker, Math.floor(at / 3));

    for (const sender of [devices[0], devices[5], devices[10]]) {
      sender.tell('sendMessage', {});
      for (const device of devices) assert.deepEqual(await device.next('message_sent'), SENT);
    }
    for (const device of [...devices, ben]) await device.inStep();
    for (const device of devices) assert.equal(device.all('message_sent').length, 3);
    assert.equal(ben.all('message_sent').length, 0);
    for (const device of [...devices, ben]) device.leave();
  });

  test('ignores unknown events, and says so where an answer was asked for', async () => {
    const ada = await Device.arrive(program, 'ada');
    ada.tell('noSuchEvent', { a: 1 });
    ada.tell('__proto__', {});
    assert.deepEqual(await ada.ask('noSuchEvent', {}), { ok: false, error: 'unknown event' });
    ada.leave();
  });

  test('survives what is no envelope', async () => {
    const ada = await Device.arrive(program, 'ada');
    for (const wrong of [null, 7, 'text', [], {}, { event: 7 }, { event: ['sendMessage'] }, { args: {} }]) {
      ada.socket.emit('message', wrong);
    }
    ada.socket.emit('message');
    ada.socket.emit('message', { event: 'sendMessage', args: { text: Buffer.from('bytes') } });
    ada.socket.emit('other', {});
    ada.tell('postUpdated');
    assert.deepEqual(await ada.next('post_updated_notification'), UPDATED);
    ada.leave();
  });
});
