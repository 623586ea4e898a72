// What counts of instructions are held to, and the command line. Nothing is counted here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { againstSmallest, againstTable } from './verdicts.mjs';

const main = fileURLToPath(new URL('main.mjs', import.meta.url));
const run = (words, env = {}) => spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', env: { ...process.env, ...env } });

test('A tenth more than the table has is allowed, and no instruction beyond', () => {
  const rows = againstTable({ echo: 1100, ack: 1101, join: 5 }, { echo: 1000, ack: 1000 });
  assert.deepEqual(rows.map(({ failed }) => failed), [false, true, true]);
  assert.deepEqual(rows[1].cells, ['ack', '1,101', '1,000', 'TOO MANY']);
  assert.equal(rows[2].cells[3], 'NOT IN THE TABLE');
});

test('Far fewer is no failure, but is told', () => {
  const [row] = againstTable({ echo: 900 }, { echo: 1000 });
  assert.equal(row.failed, false);
  assert.equal(row.cells[3], 'far fewer: record it');
});

test('Larger surroundings may cost a tenth more than the first ones', () => {
  const rows = againstSmallest({ join: { 'among 10': 100, 'among 1,000': 110, 'among 100,000': 111 } });
  assert.deepEqual(rows.map(({ failed }) => failed), [false, false, true]);
  assert.deepEqual(rows[2].cells, ['join', 'among 100,000', '111', '1.11', 'TOO MANY']);
});

test('Surroundings that were not counted are a failure', () => {
  assert.deepEqual(againstSmallest({ join: { few: 100, many: undefined } }).map(({ failed }) => failed), [false, true]);
});

test('Without valgrind it says so and ends as skipped', () => {
  const { status, stdout } = run([], { PATH: '' });
  assert.equal(status, 77);
  assert.match(stdout, /^skipped: valgrind is not installed/);
});

test('--help tells how the table is written anew, and an unknown option is refused', () => {
  const help = run(['--help']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /--record/);
  assert.notEqual(run(['--nope']).status, 0);
});
