// Beside Node's servers on one Redis: socket.io with its standard adapter, and the origin system's bus.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';

import { createAdapter } from '@socket.io/redis-adapter';
import { Emitter } from '@socket.io/redis-emitter';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

import { generations } from '../support/client.mjs';
import { until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';

/** Packets in MessagePack. */
const ofMsgpack = { client: generations['4 with msgpack'].io };
const CHANNEL = 'message:outgoing_socket_message';

/** A Node server with the namespace `/socket`, its clients join `room:kitchen` and are told apart by `where`. */
async function nodeServer(t, redis) {
  const http = createServer();
  const [pub, sub] = [await redis.client(t), await redis.client(t)];
  const server = new Server(http, { adapter: createAdapter(pub, sub, { requestsTimeout: 3000 }) });
  t.after(() => new Promise((done) => server.close(done)));
  const nsp = server.of('/socket');
  nsp.on('connection', (socket) => socket.join('room:kitchen'));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const arriveAtNode = async () => {
    const client = io(`http://127.0.0.1:${http.address().port}/socket`, { forceNew: true });
    t.after(() => client.disconnect());
    client.heard = [];
    client.onAny((event, ...args) => client.heard.push([event, ...args]));
    await once(client, 'connect');
    return client;
  };
  return { nsp, arriveAtNode, client: await arriveAtNode() };
}

async function neighbours(t, { withNode = true } = {}) {
  const redis = await Redis.start(t);
  const program = await Program.serve(['--no-supervisor', '--workers', 2, '--redis', redis.url, '--test-placement']);
  t.after(() => program.stop());
  const node = withNode ? await nodeServer(t, redis) : {};
  await until(async () => (await program.get('/healthz')).body.redis.state === 'up', 'the link');
  const devices = [];
  t.after(() => devices.forEach((device) => device.leave()));
  const arrive = async (...args) => {
    const device = await Device.arrive(program, ...args);
    device.others = [];
    device.socket.onAny((event, ...rest) => event === 'message' || device.others.push([event, ...rest]));
    devices.push(device);
    return device;
  };
  return { redis, program, arrive, ...node };
}

test('what Chorus emits reaches clients of a Node server, and the other way round', async (t) => {
  const { arrive, nsp, client } = await neighbours(t);
  const ada = await arrive('ada', { worker: 0 });
  const ben = await arrive('ben', { worker: 1, ...ofMsgpack });
  await ada.say('to everybody', 'everybody');
  await until(() => client.heard.some(([, { event, args }]) => event === 'chat_message' && args.text === 'to everybody'), 'at Node');
  await ada.ask('joinRoom', { room: 'kitchen' });
  await ada.say('to the kitchen', { room: 'kitchen' });
  await until(() => client.heard.some(([, { event, args }]) => event === 'chat_message' && args.text === 'to the kitchen'), 'at Node');

  const data = { text: 'ü \u{1f600}', list: [1, -2.5, null, true], bytes: Buffer.from([0, 1, 255]) };
  nsp.emit('all', data, 7);
  nsp.to('room:kitchen').emit('room', 1);
  nsp.except('room:kitchen').emit('others', 2);
  nsp.to(['room:kitchen', ben.socket.id]).emit('both', 3);
  nsp.local.emit('nobody here');
  nsp.emit('end');
  for (const device of [ada, ben]) await until(() => device.others.some(([event]) => event === 'end'), 'the end');
  assert.deepEqual(ada.others, [['all', data, 7], ['room', 1], ['both', 3], ['end']]);
  assert.deepEqual(ben.others, [['all', data, 7], ['others', 2], ['both', 3], ['end']]);
  assert.equal(client.heard.filter(([event]) => event === 'all').length, 1);
});

test('a Node server moves and disconnects sockets of Chorus, and is never left waiting', async (t) => {
  const { arrive, nsp, client } = await neighbours(t);
  const ada = await arrive('ada', { worker: 0 });
  const ben = await arrive('ben', { worker: 1 });

  const found = await nsp.fetchSockets();
  assert.deepEqual(found.map(({ id }) => id).sort(), [ada.socket.id, ben.socket.id, client.id].sort());
  const remote = found.find(({ id }) => id === ada.socket.id);
  assert.ok(remote.rooms.has(ada.socket.id));
  assert.equal(remote.handshake.auth.id, 'ada');
  assert.ok((await nsp.adapter.allRooms()).has(ben.socket.id));
  assert.equal(await nsp.adapter.serverCount(), 2);

  nsp.in(ada.socket.id).socketsJoin(['one', 'two']);
  nsp.in(ada.socket.id).socketsLeave('two');
  nsp.to('one').emit('in one');
  nsp.to('two').emit('in two');
  nsp.emit('end');
  await until(() => ada.others.some(([event]) => event === 'end'), 'the end');
  assert.deepEqual(ada.others, [['in one'], ['end']]);

  assert.deepEqual(await nsp.serverSideEmitWithAck('anybody?'), [undefined]);
  client.on('question', (done) => done('of Node'));
  ada.socket.on('question', (done) => done('of Chorus'));
  assert.deepEqual(await nsp.timeout(3000).emitWithAck('question'), ['of Node']);

  const gone = once(ben.socket, 'disconnect');
  nsp.in(ben.socket.id).disconnectSockets();
  assert.deepEqual((await gone)[0], 'io server disconnect');
});

test('what @socket.io/redis-emitter sends reaches clients of Chorus as it reaches those of Node', async (t) => {
  const { redis, arrive, nsp, client, arriveAtNode } = await neighbours(t);
  const anywhere = new Emitter(await redis.client(t));
  const emitter = anywhere.of('/socket');
  const [ada, ben] = [await arrive('ada', { worker: 0 }), await arrive('ben', { worker: 1, ...ofMsgpack })];
  await ada.ask('joinRoom', { room: 'kitchen' });
  const other = await arriveAtNode();
  nsp.sockets.get(other.id).leave('room:kitchen');
  nsp.sockets.get(client.id).join('\x01user:ada');

  const data = { text: 'ü \u{1f600}', list: [1, -2.5, null, true, undefined, NaN, 2 ** 40], when: new Date(0) };
  emitter.emit('all', data, 7);
  emitter.emit('bytes', Buffer.from([0, 1, 255]), { inside: Buffer.alloc(70_000, 7) });
  emitter.to('room:kitchen').emit('room');
  emitter.to(['room:kitchen', 'nowhere']).compress(true).emit('rooms');
  emitter.except('room:kitchen').emit('others', Buffer.from('x'));
  emitter.in('room:kitchen').except(['room:kitchen']).emit('nobody');
  emitter.to('\x01user:ada').emit('user');
  emitter.in('room:kitchen').socketsJoin(['one', 'two']);
  emitter.in([ben.socket.id, other.id]).socketsJoin('three');
  emitter.in('room:kitchen').socketsLeave('two');
  for (const room of ['one', 'two', 'three']) emitter.to(room).emit('joined', room);
  emitter.socketsLeave(['one', 'three']);
  for (const room of ['one', 'three']) emitter.to(room).emit('left', room);
  emitter.serverSideEmit('for servers', 1);
  anywhere.emit('in another namespace');
  emitter.emit('end');

  const heard = [ada.others, client.heard, ben.others, other.heard];
  for (const list of heard) await until(() => list.some(([event]) => event === 'end'), 'the end');
  const json = JSON.parse(JSON.stringify(data));
  const forAll = [['all', json, 7], ['bytes', Buffer.from([0, 1, 255]), { inside: Buffer.alloc(70_000, 7) }]];
  const inKitchen = [...forAll, ['room'], ['rooms'], ['user'], ['joined', 'one'], ['end']];
  const outside = [...forAll, ['others', Buffer.from('x')], ['joined', 'three'], ['end']];
  assert.deepEqual(heard, [inKitchen, inKitchen, outside, outside]);

  for (const list of heard)
    await until(() => emitter.volatile.emit('volatile') && list.some(([event]) => event === 'volatile'), 'a volatile one');

  const reasons = (clients) => Promise.all(clients.map(async (socket) => (await once(socket, 'disconnect'))[0]));
  const first = reasons([ada.socket, client]);
  emitter.in('room:kitchen').disconnectSockets();
  assert.deepEqual(await first, ['io server disconnect', 'io server disconnect']);
  assert.ok(ben.socket.connected && other.connected);
  const last = reasons([ben.socket, other]);
  emitter.disconnectSockets(true);
  assert.deepEqual(await last, ['io server disconnect', 'io server disconnect']);
});

test('the origin’s channel goes both ways, and nonsense on any channel harms nobody', async (t) => {
  // Without Node's own server: the nonsense would end it.
  const { redis, program, arrive } = await neighbours(t, { withNode: false });
  const worker = await redis.client(t);
  const published = [];
  const subscriber = await redis.client(t);
  await subscriber.pSubscribe(CHANNEL, (text) => text.includes('"from"') && published.push(JSON.parse(text)));
  const ada = await arrive('ada', { worker: 0 });
  const other = await arrive('ada', { worker: 1 });

  ada.tell('postUpdated');
  await until(() => published.length > 0, 'the dispatch');
  const { from, ...message } = published[0];
  assert.deepEqual(message, { event: 'post_updated_notification', id: 'ada',
    args: { message: 'A post you have been mentioned in has been updated' } });
  assert.match(from, /^[\w-]+:\d+$/);

  for (const channel of [CHANNEL, 'socket.io#/socket#', 'socket.io#/socket#a#', 'socket.io-request#/socket#', 'socket.io-chorus#', 'chorus:chat'])
    for (const text of ['', 'x', '{', '[]', '{"event":1}', '\u0093\u00a1', JSON.stringify({ type: 5 })]) await worker.publish(channel, text);
  const push = JSON.stringify({ event: 'message_sent', id: 'ada', args: { message: 'from a Node worker' } });
  await worker.publish(CHANNEL, push);
  await worker.publish(CHANNEL, push);  // equal messages are two messages
  for (const device of [ada, other]) {
    await until(() => device.all('message_sent').length === 2, 'both');
    await device.inStep();
    assert.equal(device.all('message_sent').length, 2);
    assert.equal(device.all('post_updated_notification').length, 1);
  }
  const { body } = await program.get('/healthz');
  assert.ok(body.redis.malformed > 20, JSON.stringify(body.redis));
});

test('CA6 Redis gone is a state: local traffic goes on, nothing is doubled, and what waited arrives', async (t) => {
  const { redis, program, arrive, client } = await neighbours(t);
  const ada = await arrive('ada', { worker: 0 });
  const ben = await arrive('ben', { worker: 1 });
  const state = async () => (await program.get('/healthz')).body.redis;
  let sent = 0;
  const round = async () => {
    for (let i = 0; i < 10; i += 1) await ada.say(`text ${(sent += 1)}`, 'everybody');
  };
  for (let outage = 0; outage < 3; outage += 1) {
    await redis.kill();
    await until(async () => (await state()).state === 'down', 'down');
    await round();
    assert.equal((await program.get('/messages?token=any&id=ada')).body.partial, true);
    await redis.restart();
    await until(async () => (await state()).state === 'up', 'up');
    await round();
  }
  const texts = (device) => device.all('chat_message').map(({ text }) => text);
  const all = Array.from({ length: sent }, (_, i) => `text ${i + 1}`);
  await until(() => texts(ben).length >= sent, 'all of them');
  assert.deepEqual(texts(ben), all);
  await until(async () => (await state()).waiting === 0, 'nothing waits');
  const { dropped, unknown } = await state();
  assert.equal(dropped, 0);
  assert.ok(unknown <= 3 * 50, `${unknown}`);
  await until(async () => !(await program.get('/messages?token=any&id=ada')).body.partial, 'the history is whole');
  // The Node server may have missed what came before its own connection was back; it never gets anything twice.
  const atNode = client.heard.filter(([, envelope]) => envelope?.event === 'chat_message').map(([, { args }]) => args.text);
  assert.equal(new Set(atNode).size, atNode.length);
});
