// What a worker of the system that Chorus grew from does for its users, written afresh: the envelope { event, args }, its
// two handlers, the two middlewares, and the bus that every worker hears, the sender included. The peer of the benchmarks
// and the neighbour in the tests are made of it, each with its own Socket.IO and its own `node-redis-pubsub`.

const channel = 'outgoing_socket_message';

/** User id -> the sockets of this worker. */
export class SocketsByUser {
  #sockets = new Map();

  add(id, socket) {
    const own = this.#sockets.get(id);
    if (own) own.add(socket);
    else this.#sockets.set(id, new Set([socket]));
    socket.on('disconnect', () => this.#remove(id, socket));
  }

  #remove(id, socket) {
    const own = this.#sockets.get(id);
    own?.delete(socket);
    if (own?.size === 0) this.#sockets.delete(id);
  }

  emit(id, event, value) {
    for (const socket of this.#sockets.get(id) ?? []) socket.emit(event, value);
  }
}

/** Resolves when Redis has confirmed it. `bus`: a NodeRedisPubsub. */
export const hear = (bus, name, handler) => new Promise((confirmed) => bus.on(name, handler, confirmed));

function authenticate(socket, next) {
  const { query, headers } = socket.handshake;
  const token = query.token ?? headers.token;
  if (!token) return next(new Error('Authorization failed, no token has been provided!'));
  socket.user = { id: query.id ?? headers.id, firstName: 'Any', lastName: 'Token' }; // every token is good
  return next();
}

/**
 * Serves the namespace `chat` of any version of Socket.IO, and resolves when the bus is heard: to what sends a message
 * { event, id, args } to all devices of the user `id`, on every worker.
 */
export async function serveChat(chat, bus) {
  const users = new SocketsByUser();
  const dispatch = (message) => bus.emit(channel, message);
  const handlers = {
    sendMessage: ({ id }) =>
      dispatch({ event: 'message_sent', id, args: { message: `A message from user with id: ${id} has been send` } }),
    postUpdated: ({ id }) =>
      dispatch({
        event: 'post_updated_notification',
        id,
        args: { message: 'A post you have been mentioned in has been updated' },
      }),
  };
  chat.use(authenticate).use((socket, next) => {
    const { user } = socket;
    if (!user) return next(new Error('Something went wrong.'));
    users.add(user.id, socket);
    socket.on('message', ({ event, args }) => {
      if (Object.hasOwn(handlers, event)) handlers[event]({ id: user.id, args });
    });
    return next();
  });
  await hear(bus, channel, ({ event, id, args }) => users.emit(id, 'message', { event, id, args }));
  return dispatch;
}
