// The origin system's clients are of Socket.IO 2: they, those of 3 and those of 4 are devices of the same users.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { everyWay, generations } from '../support/client.mjs';
import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

/** A device that gives its token and id in the query, as all of the origin system's do. */
const arrive = (program, id, { transports, generation }) =>
  Device.arrive(program, undefined, {
    auth: undefined, query: { token: 'any', id }, client: generations[generation].io, transports,
  });

describe('the program', () => {
  let program;
  before(async () => (program = await Program.serve(['--workers', 3])));
  after(() => program.stop());

  test('brings what one device says to all devices of its user, whatever they speak', async (t) => {
    const ways = everyWay();
    const devices = await Promise.all(ways.map((way) => arrive(program, 'ada', way)));
    t.after(() => devices.forEach((device) => device.leave()));
    for (const device of devices) device.tell('sendMessage');
    for (const device of devices)
      for (let i = 0; i < devices.length; ++i)
        assert.equal((await device.next('message_sent')).message, 'A message from user with id: ada has been send');
  });

  for (const { title, transports, generation } of everyWay()) {
    const client = generations[generation].io;

    test(`refuses ${title} without a token, in the same words`, async () => {
      assert.equal(await Device.refused(program.url, { client, transports }),
        'Authorization failed, no token has been provided!');
      assert.equal(await Device.refused(program.url, { client, transports, query: { token: 'any' } }),
        'Something went wrong.');
    });
  }
});

test('the program serves no clients of Socket.IO 2 when told so', async (t) => {
  const program = await Program.serve(['--no-allow-eio3']);
  t.after(() => program.stop());
  const client = generations[2].io;
  const error = await Device.refused(program.url, { client, transports: ['polling'], reconnection: false });
  assert.equal(error, 'xhr poll error');
  (await arrive(program, 'ada', { transports: ['polling'], generation: 3 })).leave();
});
