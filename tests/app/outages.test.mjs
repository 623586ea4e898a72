// Redis goes away and comes back under the traffic of two processes: the short of redis_faults.long.test.mjs.

import { test } from 'node:test';

import { Pair } from './support/outages.mjs';

test('two deaths of Redis cost nothing inside a process, and between processes no more than the counters say', async (t) => {
  const pair = await Pair.start(t);
  for (let death = 0; death < 2; death += 1) await pair.outage();
  await pair.settle();
});
