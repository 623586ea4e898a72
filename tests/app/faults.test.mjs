// Processes that are killed under traffic: a ledger of all messages says what that cost, and whom.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../support/waiting.mjs';
import { Talk, finish } from './support/talk.mjs';
import { Instance, allReady, arriveAt, childrenOf, gone } from './support/supervised.mjs';

/** On one machine the supervisor sees a process end, and tells its neighbours. */
const TOLD_MS = 3_000;

async function cluster(t, processes) {
  const instance = new Instance(t);
  const program = await instance.serve(['--processes', processes, '--drain-timeout', '2s']);
  const list = await instance.processes(program.port, (all) => all.length === processes && allReady(all), 'all ready');
  await until(async () => (await program.get('/healthz')).body.redis?.nodes === processes - 1, 'the processes know each other');
  const pids = list.map(({ pid }) => pid);
  const arrive = (pid, user, options) => arriveAt(t, program, pid, pids.filter((other) => other !== pid), user, options);
  return { instance, program, pids, arrive };
}

/** The devices whose connections ended. */
function watchCuts(devices) {
  const cut = new Set();
  for (const device of devices) device.socket.on('disconnect', () => cut.add(device));
  return cut;
}

const devicesOnline = async (device) =>
  Object.fromEntries((await device.ask('whoIsOnline')).users.map(({ id, devices }) => [id, devices]));

test('a killed process loses its own connections only, and the others miss nothing and see nothing doubled', async (t) => {
  const { instance, program, pids, arrive } = await cluster(t, 3);
  const [victim, second, third] = pids;
  const ada = await arrive(second, 'ada');
  const ben = await arrive(second, 'ben');
  const cleo = await arrive(third, 'cleo');
  const dan = await arrive(victim, 'dan');
  const gus = await arrive(victim, 'gus', { reconnection: false });
  const both = [await arrive(victim, 'both', { reconnection: false }), await arrive(third, 'both')];
  for (const device of [ada, cleo]) await until(async () => (await devicesOnline(device)).both === 2, 'two devices');
  const cut = watchCuts([ada, ben, cleo, dan, gus, ...both]);

  const among = [new Talk('inside', ada, ben, 'ben'), new Talk('across', ben, cleo, 'cleo'), new Talk('back', cleo, ada, 'ada')];
  const withVictim = [new Talk('to victim', ada, dan, 'dan'), new Talk('from victim', dan, cleo, 'cleo')];
  const talks = [...among, ...withVictim];
  await Promise.all(talks.map((talk) => talk.more(20)));

  const killedAt = performance.now();
  process.kill(victim, 'SIGKILL');
  const left = (device, user) => device.all('presence').some((edge) => edge.user.id === user && !edge.online);
  for (const device of [ada, cleo]) await until(() => left(device, 'gus'), 'gus is gone');
  assert.ok(performance.now() - killedAt < TOLD_MS, 'the neighbours were not told');
  for (const device of [ada, cleo]) await until(async () => (await devicesOnline(device)).both === 1, 'one device');
  await until(() => dan.socket.connected && cut.has(dan), 'dan is back');
  await instance.processes(program.port, (list) => allReady(list) && !list.some(({ pid }) => pid === victim), 'a successor');
  await Promise.all(talks.map((talk) => talk.more(20)));
  await finish(talks);
  await until(() => among.every((talk) => talk.missed().length === 0), 'everything among the others');

  assert.equal(cut.size, 3);
  assert.ok([dan, gus, both[0]].every((device) => cut.has(device)), 'the connections of the killed one, and no other');
  for (const talk of among) talk.assertWhole();
  for (const talk of withVictim) talk.assertNothingDoubled();
  for (const device of [ada, ben, cleo, both[1]]) {
    assert.ok(!left(device, 'both'), 'a false offline');
    await until(async () => {
      const online = await devicesOnline(device);
      return ['ada', 'ben', 'cleo', 'dan', 'both'].every((user) => online[user] === 1) && Object.keys(online).length === 5;
    }, 'everybody is counted once');
  }
});

test('when the supervisor is killed its processes end, and nothing is lost before or doubled after', async (t) => {
  const { instance, program, pids, arrive } = await cluster(t, 2);
  const family = childrenOf(program.pid);
  assert.equal(family.length, 3, 'two processes and Redis');
  const ada = await arrive(pids[0], 'ada');
  const ben = await arrive(pids[0], 'ben');
  const cleo = await arrive(pids[1], 'cleo');
  const cut = watchCuts([ada, ben, cleo]);
  const talks = [new Talk('inside', ada, ben, 'ben'), new Talk('across', ben, cleo, 'cleo'), new Talk('back', cleo, ada, 'ada')];
  await Promise.all(talks.map((talk) => talk.more(30)));
  const before = talks.map((talk) => talk.said.filter(({ ok }) => ok).at(-1).n);
  await until(() => talks.every((talk, i) => talk.missed(({ n }) => n <= before[i]).length === 0), 'what was said before');

  process.kill(program.pid, 'SIGKILL');
  await gone(family, 'the end of all its processes');
  const next = await instance.serve(['--port', program.port, '--processes', 2]);
  await instance.processes(next.port, allReady, 'ready');
  await until(() => cut.size === 3 && [ada, ben, cleo].every(({ socket }) => socket.connected), 'all are back');
  await until(async () => (await next.get('/healthz')).body.redis?.nodes === 1, 'the processes know each other');
  const after = talks.map((talk) => talk.said.at(-1).n + 1);
  await Promise.all(talks.map((talk) => talk.more(30)));
  await finish(talks);
  await until(() => talks.every((talk, i) => talk.missed(({ n }) => n >= after[i]).length === 0), 'what was said after');
  for (const talk of talks) talk.assertNothingDoubled();
  await until(async () => {
    const online = await devicesOnline(ada);
    return ['ada', 'ben', 'cleo'].every((user) => online[user] === 1) && Object.keys(online).length === 3;
  }, 'everybody is counted once');
});
