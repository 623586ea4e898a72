// How many servers a cluster has, as the fixture and a server of Node count them on one Redis.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';

import { connected, open, operate } from '../support/client.mjs';
import { quiet, startFixture } from '../support/fixture.mjs';
import { until } from '../support/waiting.mjs';
import { Redis } from './support/redis.mjs';

/** A fixture on this Redis, and a client of it to ask through. */
async function chorusServer(t, settings) {
  const fixture = await startFixture({ ...quiet, WORKERS: 2, ...settings });
  let running = true;
  const stop = async () => {
    if (running) await fixture.stop();
    running = false;
  };
  t.after(stop);
  const operator = open(t, fixture, '/fx', { transports: ['websocket'] });
  await connected(operator);
  return { stop, count: (nsp = '/') => operate(operator, 'serverCount', { nsp }) };
}

async function nodeServer(t, redis) {
  const [pub, sub] = [await redis.client(t), await redis.client(t)];
  const server = new Server(createServer(), { adapter: createAdapter(pub, sub) });
  t.after(() => new Promise((done) => server.close(done)));
  server.of('/fx');
  return server;
}

test('A server without Redis is one', async (t) => {
  const alone = await chorusServer(t);
  assert.deepEqual(await alone.count(), { count: 1 });
});

test('Two servers of Chorus and one of Node count the same, for each namespace', async (t) => {
  const redis = await Redis.start(t);
  const settings = { REDIS_URL: redis.url };
  const one = await chorusServer(t, settings);
  assert.deepEqual(await one.count(), { count: 1 });
  const two = await chorusServer(t, settings);
  const node = await nodeServer(t, redis);
  await until(async () => (await node.of('/').adapter.serverCount()) === 3, 'Node counts three');
  for (const each of [one, two]) assert.deepEqual(await each.count(), { count: 3 });
  assert.deepEqual(await one.count('/fx'), { count: 3 });
  assert.equal(await node.of('/fx').adapter.serverCount(), 3);
  assert.deepEqual(await one.count('/custom'), { count: 2 }, 'which the one of Node does not have');

  const stranger = await chorusServer(t, { ...settings, REDIS_KEY: 'another' });
  assert.deepEqual(await stranger.count(), { count: 1 }, 'another cluster on the same Redis');
  assert.deepEqual(await one.count(), { count: 3 });

  await two.stop();
  await until(async () => (await one.count()).count === 2, 'one server less');
});

test('Without its Redis a server says so and gives no number, and counts again when it is back', async (t) => {
  const redis = await Redis.start(t);
  const one = await chorusServer(t, { REDIS_URL: redis.url });
  const two = await chorusServer(t, { REDIS_URL: redis.url });
  await redis.kill();
  assert.match((await one.count()).error, /^(DOWN|LOST) /);
  await redis.restart();
  for (const each of [one, two]) await until(async () => (await each.count()).count === 2, 'both are there again');
});
