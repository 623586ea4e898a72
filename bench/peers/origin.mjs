// The system that Chorus grew from: workers of Node's `cluster` that tell each other over Redis what they have for a
// user. REDIS_SOCKET is the path of Redis's Unix socket, WORKERS their number (2).
//
// Every worker keeps the sockets of a user in a map and emits to each. A dispatch is published and comes back to all
// workers, its own included. Clients come by WebSocket alone, so no sticky sessions are needed.

import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import { Server } from 'socket.io';

import { hear, serveChat, SocketsByUser } from './origin_chat.mjs';
import { host, options, port, ready } from './settings.mjs';

/** The benchmark's events in `/` that do not need the other workers' rooms, and a user's devices by the same bus. */
async function serveEvents(io, bus) {
  const users = new SocketsByUser();
  io.on('connection', (socket) => {
    socket.on('echo', (x) => socket.emit('echo', x));
    socket.on('ack', (x, ack) => ack(x));
    const { id } = socket.handshake.query;
    if (id === undefined) return;
    users.add(id, socket);
    socket.on('message', (x) => bus.emit('bench', { id, x }));
  });
  await hear(bus, 'bench', ({ id, x }) => users.emit(id, 'message', x));
}

async function work() {
  const NodeRedisPubSub = createRequire(import.meta.url)('node-redis-pubsub');
  const bus = new NodeRedisPubSub({ path: process.env.REDIS_SOCKET, scope: 'message' });
  const http = createServer();
  const io = new Server(http, { ...options, transports: ['websocket'] });
  await serveChat(io.of('/socket'), bus);
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
