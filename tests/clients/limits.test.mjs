// Messages at and beyond the limit of their size, as the stock clients meet it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { ask, event, everyWay, joiner, operate } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { until } from '../support/waiting.mjs';

const limit = 5000;
const fixture = await startFixture({ WORKERS: 2, ALLOW_EIO3: 1, MAX_HTTP_BUFFER_SIZE: limit });
after(() => fixture.stop());

for (const { title, way, transports, generation } of everyWay(['polling', 'websocket'])) {
  describe(title, { concurrency: 4 }, () => {
    const join = joiner(fixture, transports, generation);

    test('ES88 a message below the limit is heard', async (t) => {
      const socket = await join(t);
      const text = 'x'.repeat(limit - 100);
      assert.equal(await ask(socket, 'echo', text), text);
    });

    test(`${way === 'polling' ? 'ES86' : 'ES87'} a message above the limit is not heard, and ends its connection`, async (t) => {
      const [socket, observer] = await Promise.all([join(t), joiner(fixture, ['websocket'])(t)]);
      const { id } = socket;
      const ended = event(socket, 'disconnect');
      let answered = false;
      socket.emit('echo', 'x'.repeat(limit), () => (answered = true));
      assert.match((await ended)[0], /^transport (error|close)$/);
      await until(() => operate(observer, 'reason', { id }), 'the end on the server');
      assert.equal(answered, false);
      assert.equal(await ask(observer, 'echo', 'unharmed'), 'unharmed');
    });
  });
}
