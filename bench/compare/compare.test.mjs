// What the comparison makes of its runs, and of its command line. Nothing is measured here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { answers, servers, usualServers } from './servers.mjs';
import { loadName, median, spread, summarize } from './table.mjs';
import { wishesIn } from './wishes.mjs';

const load = { load: 'users', connections: 900, payload_bytes: 32, window: 1, workers: 2 };
const quantiles = (p99_us) => ({ count: 9, p50_us: 1, p90_us: 2, p99_us, p999_us: 3, max_us: 4 });
const run = (us, more) => ({
  cpu_us_per_message: us, apart_us_per_message: 0, per_second: 1000, server_busy: 1, bytes_per_connection: 400, memory_left: 0.1,
  latency: quantiles(10), late: quantiles(1),
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
  assert.equal(loadName({ ...load, workers: 1, io_uring: 'off' }), 'users 900c 32 B w1 no io_uring');
  assert.equal(loadName({ ...load, load: 'latency', window: 0, workers: 1, rate: 500 }), 'latency 900c 32 B 500/s');
  assert.equal(loadName({ ...load, load: 'connect', payload_bytes: 0, window: 0, workers: 1 }), 'connect 900c');
});

test('A ratio is taken between neighbours in time, not between medians', () => {
  const runs = { Chorus: [run(1), run(10), run(2)], origin: [run(10), run(20), run(4)] };
  const { servers } = summarize(load, runs, 'Chorus');
  assert.equal(servers.Chorus.us, 2);
  assert.equal(servers.origin.us, 10);
  assert.equal(servers.origin.ratio, 0.5);
});

test('In an open loop the ratio is that of the 99th percentile', () => {
  const runs = { Chorus: [run(1, { latency: quantiles(300) })], other: [run(1, { latency: quantiles(600) })] };
  const { other } = summarize({ ...load, load: 'latency', rate: 10_000 }, runs, 'Chorus').servers;
  assert.equal(other.ratio, 0.5);
  assert.deepEqual(other.latency, { p50_us: 1, p99_us: 600, p999_us: 3, max_us: 4 });
});

test('What servers measure themselves is told where they do', () => {
  const inServer = (p99_us) => ({ in_server: quantiles(p99_us) });
  const runs = { Chorus: [run(1, inServer(10)), run(1, inServer(30)), run(1, inServer(20))], other: [run(1), run(1), run(1)] };
  const { Chorus, other } = summarize({ ...load, load: 'crowd', rate: 1000 }, runs, 'Chorus').servers;
  assert.deepEqual(Chorus.in_server, { p50_us: 1, p99_us: 20, p999_us: 3, max_us: 4 });
  assert.equal(other.in_server, undefined);
});

const namesOf = (...words) => wishesIn(words, Object.keys(servers)).matrix.map(loadName);

test('By default a load is a row for each variant of the server that says something about it', () => {
  assert.deepEqual(namesOf('--quick', '--loads', 'echo,broadcast,rooms,users'), [
    'echo 1000c 32 B w1',
    'echo 1000c 32 B w1 no io_uring',
    'broadcast 1000c 32 B w1',
    'broadcast 1000c 32 B w1 ×2',
    'broadcast 1000c 32 B w1 no io_uring',
    'rooms 1000c 32 B w1',
    'users 900c 32 B w1 ×2',
  ]);
});

test('Variants that are asked for take the place of the usual ones, each once', () => {
  assert.deepEqual(namesOf('--quick', '--loads', 'broadcast', '--workers', '2', '--io-uring', 'auto'), [
    'broadcast 1000c 32 B w1 ×2',
  ]);
  assert.deepEqual(namesOf('--quick', '--loads', 'rooms', '--workers', '1,2', '--io-uring', 'off'), [
    'rooms 1000c 32 B w1 no io_uring',
    'rooms 1000c 32 B w1 ×2 no io_uring',
  ]);
});

test('A load of a fixed rate has one size and no window', () => {
  assert.deepEqual(namesOf('--loads', 'latency,crowd'), ['latency 1000c 32 B 10000/s', 'crowd 1000c 32 B 1000/s']);
  assert.deepEqual(namesOf('--loads', 'latency', '--rate', '50'), ['latency 1000c 32 B 50/s']);
});

test('The floor stands beside all that can be measured without a protocol, peers only where io_uring is not the matter', () => {
  const able = (name, load) => wishesIn(['--quick', '--loads', load], Object.keys(servers)).matrix.map((row) => answers(name, row));
  assert.deepEqual(able('floor', 'rooms,users,broadcast'), [true, true, true, true, true]);
  assert.deepEqual(able('floor', 'polling,dispatch'), [false, false]);
  assert.deepEqual(able('Node', 'echo'), [true, false]);
  assert.deepEqual(able('Chorus', 'echo'), [true, true]);
});

test('A server that is there on request is measured only where it is named', () => {
  const all = Object.keys(servers);
  assert.ok(all.includes('TLS') && !usualServers.includes('TLS'));
  assert.deepEqual(wishesIn([], all, usualServers).servers, usualServers);
  assert.deepEqual(wishesIn(['--servers', 'Chorus,TLS'], all, usualServers).servers, ['Chorus', 'TLS']);
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
  for (const word of ['Also: TLS', '--loads', '--install-peers', '--io-uring', 'dispatch', 'latency', 'uWebSockets.js']) assert.ok(stdout.includes(word), word);
});

test('A command line that makes no sense is refused with a sentence and the usage', () => {
  for (const [words, sentence] of [
    [['--loads', 'nope'], '"nope" is no load'],
    [['--servers', 'Chorus,nope'], '"nope" is no server'],
    [['--io-uring', 'on'], '"on" is no choice of --io-uring'],
    [['--rate', '0'], '--rate: "0" is no number above 0'],
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
