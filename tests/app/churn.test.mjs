// 10,000 connects and disconnects of 1,000 users in random order leave nothing behind.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const CONNECTS = 10000;
const WARM_UP = 1000;
const USERS = 1000;
const AT_ONCE = 40;
const ARRIVING = 20;
/** What an allocator may keep of it, in kB. */
const MEMORY_MAX = 16 * 1024;

const random = (below) => Math.floor(Math.random() * below);

async function churn(program, connects) {
  const live = [];
  let left = connects;
  const comeAndGo = async () => {
    while (left > 0) {
      left -= 1;
      const transports = random(10) === 0 ? ['polling'] : ['websocket'];
      live.push(await Device.arrive(program, `user ${random(USERS)}`, { transports, reconnection: false }));
      if (live.length > AT_ONCE) live.splice(random(live.length), 1)[0].leave();
    }
  };
  await Promise.all(Array.from({ length: ARRIVING }, comeAndGo));
  for (const device of live) device.leave();
}

/** Resolves when nobody is there; fails when somebody stays. */
async function empty(program) {
  let health;
  for (let tries = 0; tries < 3000; tries += 1) {
    health = (await program.get('/healthz')).body;
    if (health.users === 0 && health.sessions === 0) return;
  }
  assert.fail(`left behind: ${JSON.stringify(health)}`);
}

const residentKb = (program) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))[1]);

test('churn leaves nothing behind', async () => {
  const program = await Program.serve(['--no-supervisor', '--workers', 4]);
  await churn(program, WARM_UP);
  await empty(program);
  const before = residentKb(program);
  await churn(program, CONNECTS);
  await empty(program);
  const after = residentKb(program);
  assert.ok(after < before + MEMORY_MAX, `${before} kB before, ${after} kB after`);
  const late = await Device.arrive(program, 'late');
  assert.deepEqual(
    late.heard[0].args.online.map(({ id }) => id),
    ['late'],
  );
  late.leave();
  assert.equal(await program.stop(), 0);
});
