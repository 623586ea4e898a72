// Beside the origin system's own Node workers on one Redis: one user base, whichever worker a device landed on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { until } from '../support/waiting.mjs';
import { Device, apart } from './support/device.mjs';
import { Ledger, lineOf, linesOf } from './support/ledger.mjs';
import { OriginWorker } from './support/origin.mjs';
import { Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';
import { Instance } from './support/supervised.mjs';

const CHANNEL = 'message:outgoing_socket_message';

/** What the handlers dispatch. */
const sentBy = (id) => ({ event: 'message_sent', id, args: { message: `A message from user with id: ${id} has been send` } });
const mentioned = (id) => ({ event: 'post_updated_notification', id, args: { message: 'A post you have been mentioned in has been updated' } });

/** Two workers of the origin system, with these versions of socket.io. */
async function originPlaces(t, redis, versions) {
  const workers = await Promise.all(versions.map((version) => OriginWorker.start(t, redis, version)));
  return workers.map((worker, i) => ({ name: `Node ${i} (socket.io ${versions[i]})`, worker, arrive: (user) => worker.arrive(user) }));
}

/** Two processes of Chorus that know nothing of each other but by Redis. */
async function chorusPlaces(t, redis) {
  const serve = () => Program.serve(['--no-supervisor', '--workers', 2, '--redis', redis.url, '--test-placement']);
  const programs = await Promise.all([serve(), serve()]);
  t.after(() => Promise.all(programs.map((program) => program.stop())));
  for (const program of programs)
    await until(async () => (await program.get('/healthz')).body.redis.nodes === 1, 'the processes know each other');
  return programs.map((program, i) => ({ name: `Chorus ${i}`, arrive: (user, worker) => Device.arrive(program, user, { worker }) }));
}

/** Devices of users: who is where. Those of Chorus can be asked for numbered messages. */
class People {
  ledger = new Ledger();
  devices = []; // { user, name, device, emitter }; with an emitter's name where the device is the user's first at a process of Chorus

  constructor(t) {
    t.after(() => this.devices.forEach(({ device }) => device.leave()));
  }

  add(user, place, device, emitter) {
    const name = `${user} at ${place}, device ${this.devices.length}`;
    this.devices.push({ user, name, device, emitter });
    this.ledger.watch(name, user, device);
  }

  get users() {
    return [...new Set(this.devices.map(({ user }) => user))];
  }

  of(user) {
    return this.devices.filter((entry) => entry.user === user);
  }
}

/** Two workers of the origin system, two processes of Chorus, and people with devices on all of them or on one. */
async function mixed(t) {
  const redis = await Redis.start(t);
  const origin = await originPlaces(t, redis, [2, 4]);
  const chorus = await chorusPlaces(t, redis);
  const people = new People(t);
  for (const user of ['ada', 'ben', 'cleo']) {
    for (const place of origin) people.add(user, place.name, await place.arrive(user));
    for (const place of chorus) people.add(user, place.name, await place.arrive(user, 0), place.name);
  }
  for (const place of chorus) people.add('ada', `${place.name}, its other worker`, await place.arrive('ada', 1));
  people.add('dan', origin[0].name, await origin[0].arrive('dan'));
  people.add('eve', chorus[1].name, await chorus[1].arrive('eve'), chorus[1].name);
  return { redis, workers: origin.map(({ worker }) => worker), people };
}

/** Those who send a user numbered messages: the `n`th, and it is entered. */
async function numberedEmitters(t, { redis, workers, people }, user) {
  const publisher = await redis.client(t);
  const numbered = (from, n) => ({ event: 'numbered', id: user, args: { from, n } });
  const emitter = (name, send) => async (n) => people.ledger.enter(await send(name, n), name);
  const ofWorkers = workers.map((worker, i) =>
    emitter(`Node ${i}`, (name, n) => {
      worker.dispatch(numbered(name, n));
      return numbered(name, n);
    }),
  );
  const anybody = emitter('anybody', async (name, n) => {
    await publisher.publish(CHANNEL, JSON.stringify(numbered(name, n)));
    return numbered(name, n);
  });
  // The chat's dispatches with a text of ours in them: two for each room.
  const ofChorus = people.of(user).filter(({ emitter: place }) => place).map(({ device, emitter: place }) =>
    emitter(place, async (name, n) => {
      const room = `${name}: ${n >> 1}`;
      const { ok } = await device.ask(n % 2 ? 'leaveRoom' : 'joinRoom', { room });
      assert.ok(ok);
      return { event: n % 2 ? 'room_left' : 'room_joined', id: user, args: { room } };
    }),
  );
  return [...ofWorkers, anybody, ...ofChorus];
}

/** Everybody sends to everybody at once, from everywhere; then the ledger. */
async function storm(t, cluster, { numbered = 60, asked = 20, equal = 5 } = {}) {
  const { redis, workers, people } = cluster;
  const { ledger } = people;
  const publisher = await redis.client(t);
  const emitters = (await Promise.all(people.users.map((user) => numberedEmitters(t, cluster, user)))).flat();

  const count = async (send) => {
    for (let n = 0; n < numbered; n += 1) {
      await send(n);
      await turn();
    }
  };
  const ask = async ({ user, device }) => {
    for (let i = 0; i < asked; i += 1) {
      device.tell('sendMessage', {});
      ledger.enter(sentBy(user));
      device.tell('nobody knows this', { i });
      device.tell('postUpdated', { post: i });
      ledger.enter(mentioned(user));
      await turn();
    }
  };
  const repeat = async (user) => {
    const message = { event: 'pushed', id: user, args: { equal: true } };
    for (let i = 0; i < equal; i += 1) {
      await publisher.publish(CHANNEL, JSON.stringify(message));
      ledger.enter(message);
    }
  };
  await Promise.all([...emitters.map(count), ...people.devices.map(ask), ...people.users.map(repeat)]);
  await ledger.full();
  // What comes twice comes before what its emitter sends now.
  for (const send of emitters) await send(numbered);
  await ledger.full();
  ledger.check();
  assert.ok(workers.every(({ running }) => running));
}

test('Chorus refuses with the words of the origin’s workers', async (t) => {
  const redis = await Redis.start(t);
  const program = await Program.serve(['--no-supervisor', '--redis', redis.url]);
  t.after(() => program.stop());
  const places = [program, ...(await Promise.all([2, 4].map((version) => OriginWorker.start(t, redis, version))))];
  for (const { url, client } of places) {
    assert.equal(await Device.refused(url, { client, query: { id: 'ada' } }), 'Authorization failed, no token has been provided!');
    const ada = new Device(url, { client, extraHeaders: { token: 'any', id: 'ada' } });
    t.after(() => ada.leave());
    await until(() => ada.socket.connected, 'let in by its headers');
    ada.tell('sendMessage');
    assert.deepEqual(await ada.nextEnvelope('message_sent'), sentBy('ada'));
  }
});

test('from whichever worker a handler answers, all devices of the user hear it, in order, and nobody else', async (t) => {
  const { redis, people } = await mixed(t);
  const sequence = [sentBy, mentioned, mentioned, sentBy, sentBy, sentBy, mentioned, sentBy, mentioned, mentioned];
  const said = new Map(people.users.map((user) => [user, []]));
  for (const { user, name, device } of people.devices) {
    const lines = said.get(user);
    for (const what of sequence) {
      device.tell(what === sentBy ? 'sendMessage' : 'postUpdated');
      lines.push(lineOf(what(user)));
    }
    for (const receiver of people.of(user)) {
      const what = `from ${name} to ${receiver.name}`;
      await until(() => linesOf(receiver.device).length >= lines.length, what);
      assert.deepEqual({ what, lines: linesOf(receiver.device) }, { what, lines });
    }
  }
  const publisher = await redis.client(t);
  for (const [user, lines] of said) {
    const end = { event: 'end', id: user, args: {} };
    await publisher.publish(CHANNEL, JSON.stringify(end));
    lines.push(lineOf(end));
  }
  for (const { user, name, device } of people.devices) {
    await device.nextEnvelope('end');
    assert.deepEqual({ name, lines: linesOf(device) }, { name, lines: said.get(user) });
  }
});

test('everything at once between workers with socket.io 2 and 4 and two nodes of Chorus: each message once', async (t) => {
  await storm(t, await mixed(t));
});

test('everything at once between two equal workers and two processes of one instance: each message once', async (t) => {
  const redis = await Redis.start(t);
  const origin = await originPlaces(t, redis, [2, 2]);
  const program = await new Instance(t).serve(['--processes', 2, '--redis', redis.url]);
  await until(async () => (await program.get('/healthz')).body.redis?.nodes === 1, 'the processes know each other');
  const people = new People(t);
  for (const user of ['ada', 'ben']) {
    const { near, far, all } = await apart(t, program, user);
    for (const device of all) people.add(user, 'Chorus', device, { [near.socket.id]: 'near', [far.socket.id]: 'far' }[device.socket.id]);
    for (const place of origin) people.add(user, place.name, await place.arrive(user));
  }
  await storm(t, { redis, workers: origin.map(({ worker }) => worker), people });
});
