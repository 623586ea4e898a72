// The system that Chorus grew from: workers of Node's `cluster` that tell each other over Redis what they have for a
// user. REDIS_SOCKET is the path of Redis's Unix socket, WORKERS their number (2).
//
// Every worker keeps the sockets of a user in a map and emits to each. A dispatch is published and comes back to all
// workers, its own included. Clients come by WebSocket alone, so no sticky sessions are needed.

import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import { Server } from 'socket.io';

import { host, options, port, ready } from './settings.mjs';

const channel = 'outgoing_socket_message';

/** User id -> the sockets of this worker. */
class SocketsByUser {
  #sockets = new Map();

  add(id, socket) {
    const own = this.#sockets.get(id);
    if (own) own.add(socket);
    else this.#sockets.set(id, new Set([socket]));
  }

  remove(id, socket) {
    const own = this.#sockets.get(id);
    own?.delete(socket);
    if (own?.size === 0) this.#sockets.delete(id);
  }

  emit(id, event, value) {
    for (const socket of this.#sockets.get(id) ?? []) socket.emit(event, value);
  }
}

/** What one worker publishes and hears under one name. */
class Bus {
  constructor() {
    const NodeRedisPubSub = createRequire(import.meta.url)('node-redis-pubsub');
    this.redis = new NodeRedisPubSub({ path: process.env.REDIS_SOCKET, scope: 'message' });
  }

  publish(name, message) {
    this.redis.emit(name, message);
  }

  /** Resolves when Redis has confirmed it. */
  hear(name, handler) {
    return new Promise((confirmed) => this.redis.on(name, handler, confirmed));
  }
}

/** The namespace `/socket`: the envelope {event, args} and its two handlers. */
async function serveChat(io, bus) {
  const users = new SocketsByUser();
  const dispatch = (message) => bus.publish(channel, message);
  await bus.hear(channel, ({ event, id, args }) => users.emit(id, 'message', { event, id, args }));

  const handlers = {
    sendMessage: ({ id }) =>
      dispatch({ id, event: 'message_sent', args: { message: `A message from user with id: ${id} has been send` } }),
    postUpdated: ({ id }) =>
      dispatch({
        id,
        event: 'post_updated_notification',
        args: { message: 'A post you have been mentioned in has been updated' },
      }),
  };

  const chat = io.of('/socket');
  chat.use((socket, next) => {
    const { token, id } = socket.handshake.query;
    if (!token) return next(new Error('Authorization failed, no token has been provided!'));
    socket.user = { id, firstName: 'First', lastName: 'Last' }; // every token is good
    next();
  });
  chat.use((socket, next) => {
    if (!socket.user) return next(new Error('Something went wrong.'));
    const { id } = socket.user;
    users.add(id, socket);
    socket.on('disconnect', () => users.remove(id, socket));
    next();
  });
  chat.on('connection', (socket) => {
    socket.on('message', ({ event, args }) => handlers[event]?.({ id: socket.user.id, args }));
  });
}

/** The benchmark's events in `/` that do not need the other workers' rooms, and a user's devices by the same bus. */
async function serveEvents(io, bus) {
  const users = new SocketsByUser();
  await bus.hear('bench', ({ id, x }) => users.emit(id, 'message', x));
  io.on('connection', (socket) => {
    socket.on('echo', (x) => socket.emit('echo', x));
    socket.on('ack', (x, ack) => ack(x));
    const { id } = socket.handshake.query;
    if (id === undefined) return;
    users.add(id, socket);
    socket.on('disconnect', () => users.remove(id, socket));
    socket.on('message', (x) => bus.publish('bench', { id, x }));
  });
}

async function work() {
  const http = createServer();
  const io = new Server(http, { ...options, transports: ['websocket'] });
  const bus = new Bus();
  await serveChat(io, bus);
  await serveEvents(io, bus);
  http.listen({ port, host, backlog: 4096 });
}

if (cluster.isPrimary) {
  const count = Number(process.env.WORKERS ?? 2);
  let listening = 0;
  cluster.on('listening', () => ++listening === count && ready());
  cluster.on('exit', () => process.exit(1)); // a benchmark has no use for a replacement
  for (let i = 0; i < count; ++i) cluster.fork();
} else {
  await work();
}
