// Redis that dies again and again, and Redis that stands still, under the traffic of two processes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Pair } from './support/outages.mjs';

const MiB = 1024 * 1024;
const PAUSE_MS = 10_000;

test('ten deaths of Redis cost nothing inside a process, and between processes no more than the counters say', async (t) => {
  const pair = await Pair.start(t);
  let early;
  for (let death = 1; death <= 10; death += 1) {
    await pair.outage();
    if (death === 3) early = pair.sizes();
  }
  const late = pair.sizes();
  late.forEach((size, i) => assert.ok(size < early[i] * 1.25 + 16 * MiB, `it grew from ${early[i]} to ${size} bytes`));
  await pair.settle();
});

test('a Redis that stands still for ten seconds delays what is between processes, and loses nothing', async (t) => {
  const pair = await Pair.start(t);
  await pair.more(20);
  const before = pair.across.map((talk) => talk.heard().length);
  pair.pause();
  const resumed = pause(PAUSE_MS).then(() => pair.resume());
  await pair.more(200, pair.inside); // all the while
  await resumed;
  const links = await pair.settle();
  pair.across.forEach((talk, i) => assert.ok(talk.heard().length > before[i] + 200 / 2, 'traffic went on'));
  for (const talk of pair.across) assert.deepEqual(talk.missed(), []);
  for (const { dropped, unknown, spooledSent } of links) assert.deepEqual([dropped, unknown, spooledSent], [0, 0, 0]);
});
