// No sticky sessions: 500 clients over three processes of two workers, and no two requests on one connection.

import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';

import { deadline, until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { Instance, allReady, gone, stop } from './support/supervised.mjs';

const PROCESSES = 3;
const CLIENTS = 500;
const MESSAGES = 6;
const ARRIVING_AT_ONCE = 25;
const AT_ONCE_MS = 3_000;
const NOOP = '6';
const UNKNOWN = { code: 1, message: 'Session ID unknown' };

/** A connection for every request, and the counts that prove it. */
class FreshAgent extends Agent {
  requests = 0;
  connections = 0;

  constructor() {
    super({ keepAlive: false, maxSockets: Infinity });
  }

  addRequest(...args) {
    this.requests += 1;
    return super.addRequest(...args);
  }

  createConnection(...args) {
    this.connections += 1;
    return super.createConnection(...args);
  }
}

async function cluster(t) {
  const instance = new Instance(t);
  const program = await instance.serve(['--processes', PROCESSES, '--workers', 2]);
  const list = await instance.processes(program.port, (all) => all.length === PROCESSES && allReady(all), 'all ready');
  await until(async () => (await program.get('/healthz')).body.redis?.nodes === PROCESSES - 1, 'the processes know each other');
  return { instance, program, processes: list };
}

/** One request on a connection of its own; { status, body }. */
function ask(program, path, { method = 'GET', body, agent = new FreshAgent() } = {}) {
  const answer = new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: program.port, path, method, agent }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece) => (text += piece));
      incoming.on('end', () => resolve({ status: incoming.statusCode, body: text })).on('error', reject);
    });
    outgoing.on('error', reject).end(body);
  });
  return deadline(answer, `${method} ${path}`);
}

const polling = (sid) => `/socket.io/?EIO=4&transport=polling${sid ? `&sid=${sid}` : ''}`;

async function newSid(program) {
  const { status, body } = await ask(program, polling());
  assert.equal(status, 200, body);
  return JSON.parse(body.slice(1)).sid;
}

/** Asked often enough that every process is asked, by poll and by POST, always with the protocol's answer. */
async function assertUnknownEverywhere(program, sid) {
  for (let i = 0; i < 8 * PROCESSES; i += 1) {
    const answer = await ask(program, polling(sid), i % 2 ? { method: 'POST', body: '3' } : {});
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [400, UNKNOWN]);
  }
}

test('500 clients, polling and upgraded, are served whole and in order with a connection for every request', async (t) => {
  const { instance, program } = await cluster(t);
  const agent = new FreshAgent();
  const clients = [];
  const faults = [];
  t.after(() => clients.forEach((client) => client.leave()));

  const arrive = async (i) => {
    const transports = i % 4 === 0 ? ['polling', 'websocket'] : ['polling'];
    const client = await Device.arrive(program, `user ${i}`, { transports, agent, timeout: 60_000 });
    client.socket.on('disconnect', (reason) => faults.push(`${i}: ${reason}`));
    client.socket.io.on('error', (error) => faults.push(`${i}: ${error.message}`));
    clients[i] = client;
  };
  for (let at = 0; at < CLIENTS; at += ARRIVING_AT_ONCE)
    await Promise.all(Array.from({ length: ARRIVING_AT_ONCE }, (_, i) => arrive(at + i)));
  await until(() => clients.every((client, i) => i % 4 !== 0 || client.socket.io.engine.transport.name === 'websocket'), 'upgrades');
  const { processes } = await instance.status(program.port);
  assert.ok(processes.every(({ sessions }) => sessions > CLIENTS / 20), `not spread: ${JSON.stringify(processes)}`);

  // Each to the next one around the ring; a sender's own devices hear it too.
  const texts = (i) => Array.from({ length: MESSAGES }, (_, n) => `${i}.${n}`);
  const acknowledged = clients.map((client, i) => {
    const user = `user ${(i + 1) % CLIENTS}`;
    return Promise.all(texts(i).map((text) => client.ask('sendMessage', { text, to: { user } })));
  });
  for (const answers of await Promise.all(acknowledged)) assert.ok(answers.every(({ ok }) => ok));
  const heard = clients.map((client) => () => client.all('chat_message').map(({ text }) => text));
  await until(() => heard.every((list) => list().length >= 2 * MESSAGES), 'every message');
  await Promise.all(clients.map((client) => client.inStep()));
  heard.forEach((list, i) => {
    const before = (i + CLIENTS - 1) % CLIENTS;
    const of = (sender) => list().filter((text) => text.startsWith(`${sender}.`));
    assert.equal(list().length, 2 * MESSAGES, `${i} heard ${list()}`);
    assert.deepEqual([of(i), of(before)], [texts(i), texts(before)]);
  });
  assert.deepEqual(faults, []);
  assert.ok(agent.requests > CLIENTS * 4, `${agent.requests} requests`);
  assert.equal(agent.connections, agent.requests);
});

test('a forged session id is unknown to every process, and costs nobody its session', async (t) => {
  const { program } = await cluster(t);
  const sid = await newSid(program);
  const changed = (at) => sid.slice(0, at) + (sid[at] === 'A' ? 'B' : 'A') + sid.slice(at + 1);
  const forged = [0, 5, 16, sid.length - 1].map(changed);
  for (const id of [...forged, 'A'.repeat(sid.length), 'short', `${sid}A`]) await assertUnknownEverywhere(program, id);
  assert.equal((await ask(program, polling(sid), { method: 'POST', body: '40/socket,{"token":"any","id":"ada"}' })).body, 'ok');
  assert.match((await ask(program, polling(sid))).body, /^40\/socket,\{"sid":/);
});

test('a session whose process is dead is unknown at once: to a waiting poll, and to whoever asks later', async (t) => {
  const { instance, program, processes } = await cluster(t);
  const [victim, ...others] = processes.map(({ pid }) => pid);
  // Who stands still accepts nothing: the sessions are the victim's, and the connections of their polls the others'.
  for (const pid of others) await stop(pid);
  const sids = await Promise.all(Array.from({ length: 10 }, () => newSid(program)));
  for (const pid of others) process.kill(pid, 'SIGCONT');
  await stop(victim);
  const polls = sids.map((sid) => ask(program, polling(sid)));
  const accepted = (list) => list.reduce((sum, { pid, connections }) => sum + (pid === victim ? 0 : connections), 0);
  await instance.processes(program.port, (list) => accepted(list) >= sids.length, 'polls');
  process.kill(victim, 'SIGCONT');
  for (const sid of sids) assert.equal((await ask(program, polling(sid), { method: 'POST', body: NOOP })).body, 'ok');

  const killedAt = performance.now();
  process.kill(victim, 'SIGKILL');
  for (const { status, body } of await Promise.all(polls)) assert.deepEqual([status, JSON.parse(body)], [400, UNKNOWN]);
  assert.ok(performance.now() - killedAt < AT_ONCE_MS, 'not at once');
  await gone([victim], 'its end');
  await assertUnknownEverywhere(program, sids[0]);
  await instance.processes(program.port, (list) => allReady(list) && list[0].pid !== victim, 'a successor');
  await assertUnknownEverywhere(program, sids[1]);
});
