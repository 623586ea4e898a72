// What the comparison makes of its runs, and of its command line. Nothing is measured here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadName, median, spread, summarize } from './table.mjs';

const load = { load: 'users', connections: 900, payload_bytes: 32, window: 1, workers: 2 };
const run = (us, more) => ({
  cpu_us_per_message: us, apart_us_per_message: 0, per_second: 1000, server_busy: 1, p99_us: 10, bytes_per_connection: 400,
  lost: 0, out_of_order: 0, doubled: 0, misdirected: 0, damaged: 0, foreign_busy: 0, ...more,
});
const main = fileURLToPath(new URL('main.mjs', import.meta.url));
const say = (...words) => spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });

test('A median is the middle, and the spread is held against it', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(spread([1, 2, 3]), 1);
});

test('A load is named by what distinguishes it', () => {
  assert.equal(loadName(load), 'users 900c 32 B w1 ×2');
  assert.equal(loadName({ ...load, payload_bytes: 1024, workers: 1 }), 'users 900c 1 KiB w1');
  assert.equal(loadName({ ...load, load: 'connect', payload_bytes: 0, window: 0, workers: 1 }), 'connect 900c');
  assert.equal(loadName({ ...load, workers: 1, io_uring: false }), 'users 900c 32 B w1 plain calls');
});

test('A ratio is taken between neighbours in time, not between medians', () => {
  const runs = { Chorus: [run(1), run(10), run(2)], origin: [run(10), run(20), run(4)] };
  const { servers } = summarize(load, runs, 'Chorus');
  assert.equal(servers.Chorus.us, 2);
  assert.equal(servers.origin.us, 10);
  assert.equal(servers.origin.ratio, 0.5);
});

test('Disturbed runs and messages that went astray are counted', () => {
  const runs = { Chorus: [run(1, { foreign_busy: 0.2 }), run(1, { foreign_busy: 0.05, lost: 2, doubled: 1 })] };
  const { Chorus } = summarize(load, runs, 'Chorus').servers;
  assert.equal(Chorus.disturbed, 1);
  assert.equal(Chorus.runs, 2);
  assert.equal(Chorus.faults, 3);
});

test('--help tells the options and ends well', () => {
  const { status, stdout } = say('--help');
  assert.equal(status, 0);
  for (const word of ['--loads', '--install-peers', 'dispatch', 'uWebSockets.js']) assert.ok(stdout.includes(word), word);
});

test('A command line that makes no sense is refused with a sentence and the usage', () => {
  for (const [words, sentence] of [
    [['--loads', 'nope'], '"nope" is no load'],
    [['--servers', 'Chorus,nope'], '"nope" is no server'],
    [['--seconds', 'x'], '--seconds: "x" is no number above 0'],
    [['--nope'], "Unknown option '--nope'"],
  ]) {
    const { status, stdout, stderr } = say(...words);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(sentence), stderr);
    assert.ok(stderr.includes('--loads'), stderr);
  }
});
