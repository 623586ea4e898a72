// Volatile events: dropped for a client whose connection is not ready, without harm to what follows. One worker, and
// operations that come in one request, so that what is "at once" is certain.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { everyWayAndParser, joiner, onAny } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { connect, transports } from '../support/packets.mjs';
import { deadline } from '../support/waiting.mjs';

const fixture = await startFixture({ WORKERS: 1, ALLOW_EIO3: 1 });
after(() => fixture.stop());

let namespaces = 0;

/** A target, and `hears(emits)`: which events of one request it hears. */
async function scene(t, { transports: ways, generation }) {
  const nsp = `/dyn-${++namespaces}`;
  const target = await joiner(fixture, ways, generation)(t, nsp);
  const operator = await transports.polling(fixture);
  t.after(() => operator.close());
  await connect(operator, '/fx');
  let heard = [];
  let fence;
  onAny(target, (name, ...args) => (name === 'fence' ? fence() : heard.push([name, ...args])));

  const packet = ({ bytes, ...c }) => {
    const arg = bytes ? { _placeholder: true, num: 0 } : 'text';
    const text = JSON.stringify(['op', { op: 'emit', nsp, args: [arg], ...c }]);
    return bytes ? [`51-/fx,${text}`, bytes] : [`2/fx,${text}`];
  };
  return async (...emits) => {
    heard = [];
    const fenced = new Promise((resolve) => (fence = resolve));
    operator.send(...emits.flatMap(packet));
    operator.send(...packet({ event: 'fence' }));
    await deadline(fenced, 'the fence');
    return heard;
  };
}

/** As scene, but goes on until something was heard: a poll may not be parked yet. */
async function untilHeard(hears, ...emits) {
  for (let i = 0; i < 1000; ++i) {
    const heard = await hears(...emits);
    if (heard.length > 0) return heard;
  }
  return assert.fail('a ready client never heard a volatile event');
}

for (const way of everyWayAndParser(['polling', 'websocket'])) {
  describe(way.title, () => {
    const bytes = Buffer.from([1, 2, 3]);

    test('SK15 SK16 NS20 a volatile event to a ready client arrives', async (t) => {
      const hears = await scene(t, way);
      assert.deepEqual(await untilHeard(hears, { event: 'v', volatile: true }), [['v', 'text']]);
    });

    test('SK13 SK14 NS19 a volatile event right after a regular one is dropped', async (t) => {
      const hears = await scene(t, way);
      assert.deepEqual(await hears({ event: 'r' }, { event: 'v', volatile: true }), [['r', 'text']]);
    });

    test('SK17 SK18 of several volatile events in a row only the first arrives', async (t) => {
      const hears = await scene(t, way);
      const emits = ['v1', 'v2', 'v3'].map((event) => ({ event, volatile: true }));
      assert.deepEqual(await untilHeard(hears, ...emits), [['v1', 'text']]);
    });

    test('SK19 SK20 the same with binary arguments', async (t) => {
      const hears = await scene(t, way);
      const emits = ['v1', 'v2', 'v3'].map((event) => ({ event, bytes, volatile: true }));
      assert.deepEqual(await untilHeard(hears, ...emits), [['v1', bytes]]);
    });

    test('SK21 SK22 regular events after a dropped volatile one arrive', async (t) => {
      const hears = await scene(t, way);
      const emits = [{ event: 'r1' }, { event: 'v', volatile: true }, { event: 'r2' }, { event: 'r3', bytes }];
      assert.deepEqual(await hears(...emits), [['r1', 'text'], ['r2', 'text'], ['r3', bytes]]);
    });
  });
}
