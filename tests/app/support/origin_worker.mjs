// A worker of the origin system, written afresh from what that system does: what its users meet, and its neighbours on
// Redis. One process is one worker.
//
//     node origin_worker.mjs VERSION PATH      VERSION: socket.io's, 2 or 4; PATH: Redis's Unix socket
//
// Sends its parent { port } once it serves and hears the bus. Of the parent it takes messages { id, event, args }, and
// dispatches them as its handlers do.

import { once } from 'node:events';
import { createServer } from 'node:http';
import NodeRedisPubsub from 'node-redis-pubsub';

const [version, path] = process.argv.slice(2);

// ---- the sockets of this worker, by user

const socketsByUser = new Map();

function add(id, socket) {
  if (!socketsByUser.has(id)) socketsByUser.set(id, new Set());
  socketsByUser.get(id).add(socket);
}

function remove(id, socket) {
  const sockets = socketsByUser.get(id);
  sockets?.delete(socket);
  if (sockets?.size === 0) socketsByUser.delete(id);
}

function deliver({ event, id, args }) {
  for (const socket of socketsByUser.get(id) ?? []) socket.emit('message', { event, id, args });
}

// ---- the bus: `message:outgoing_socket_message`, which every worker hears, the sender's included

const bus = new NodeRedisPubsub({ path, scope: 'message' });
bus.on('error', (error) => console.error(String(error)));

const dispatch = (message) => bus.emit('outgoing_socket_message', message);

// ---- the handlers of what a client asks for

const handlers = {
  sendMessage: ({ id }) =>
    dispatch({ event: 'message_sent', id, args: { message: `A message from user with id: ${id} has been send` } }),
  postUpdated: ({ id }) =>
    dispatch({ event: 'post_updated_notification', id, args: { message: 'A post you have been mentioned in has been updated' } }),
};

// ---- the two middlewares

function authenticate(socket, next) {
  const { query, headers } = socket.handshake;
  const token = query.token ?? headers.token;
  const id = query.id ?? headers.id;
  if (!token) return next(new Error('Authorization failed, no token has been provided!'));
  socket.user = { id, firstName: 'Any', lastName: 'Token' };
  return next();
}

function setUp(socket, next) {
  const { user } = socket;
  if (!user) return next(new Error('Something went wrong.'));
  add(user.id, socket);
  socket.on('disconnect', () => remove(user.id, socket));
  socket.on('message', ({ event, args }) => {
    if (Object.hasOwn(handlers, event)) handlers[event]({ id: user.id, args });
  });
  return next();
}

// ---- the worker

const http = createServer();
const SocketServer = version === '2' ? (await import('socket.io-2')).default : (await import('socket.io')).Server;
new SocketServer(http).of('/socket').use(authenticate).use(setUp);

await new Promise((heard) => bus.on('outgoing_socket_message', deliver, heard));
process.on('message', dispatch).once('disconnect', () => process.exit());
http.listen(0, '127.0.0.1');
await once(http, 'listening');
process.send({ port: http.address().port });
