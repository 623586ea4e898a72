// The stock clients, socket.io-client 4, 3 and 2, as many as a test wants, over each way to connect, and with each parser.

import { describe } from 'node:test';
import * as of4 from 'socket.io-client';
import of2 from 'socket.io-client-2';
import of3 from 'socket.io-client-3';
import parser from 'socket.io-msgpack-parser';

import { deadline, until } from './waiting.mjs';

/** A client that writes its packets in MessagePack. */
const withMsgpack = ({ io, Manager }) => ({
  io: (url, options) => io(url, { parser, ...options }),
  Manager: class extends Manager {
    constructor(url, options) {
      super(url, { parser, ...options });
    }
  },
});

/** Each with `io` and `Manager`. */
export const generations = {
  4: of4,
  3: { io: of3, Manager: of3.Manager },
  2: { io: of2, Manager: of2.Manager },
  '4 with msgpack': withMsgpack(of4),
  '3 with msgpack': withMsgpack({ io: of3, Manager: of3.Manager }),
};
const ofJson = [4, 3, 2];
export const ofMsgpack = ['4 with msgpack', '3 with msgpack'];

export const ways = {
  polling: ['polling'],
  websocket: ['websocket'],
  'polling, then websocket': ['polling', 'websocket'],
};

/** The same scenarios for every generation and parser over every way: `scenarios(join, way, generation)`. */
export function overEveryWay(fixture, scenarios) {
  for (const { title, way, transports, generation } of everyWayAndParser()) {
    describe(title, { concurrency: 8 }, () => scenarios(joiner(fixture, transports, generation), way, generation));
  }
}

/** Each way of each generation, with a title for its tests. */
export function everyWay(among = Object.keys(ways), clients = ofJson) {
  return clients.flatMap((generation) => among.map((way) =>
    ({ title: `client ${generation} over ${way}`, way, transports: ways[way], generation })));
}
/** The same with those that write MessagePack. */
export const everyWayAndParser = (among) => everyWay(among, [...ofJson, ...ofMsgpack]);

/** `join(t, nsp, options)`: a connected socket over a connection of its own, gone when the test is. */
export function joiner(fixture, transports, generation = 4) {
  return async (t, nsp = '/fx', options = {}) => {
    const socket = open(t, fixture, nsp, { transports, generation, ...options });
    await connected(socket);
    return socket;
  };
}

/** A socket that may not connect, or not at once. */
export function open(t, fixture, nsp, { generation = 4, ...options } = {}) {
  const socket = generations[generation].io(fixture.url + nsp, { forceNew: true, reconnection: false, ...options });
  if (generation === 2) socket.query = options.auth; // what it has for auth; else it would be the connection's query
  t.after(() => socket.disconnect());
  return socket;
}

/** Sockets of several namespaces over one connection: `manager.socket(nsp, options)`. */
export function openManager(t, fixture, { generation = 4, ...options } = {}) {
  const manager = new generations[generation].Manager(fixture.url, { reconnection: false, ...options });
  t.after(() => (manager._close ?? manager.close).call(manager));
  return {
    manager,
    socket(nsp, { auth } = {}) {
      const socket = manager.socket(nsp, { auth });
      if (generation === 2) socket.query = auth;
      return socket;
    },
  };
}

export function connected(socket) {
  if (socket.connected) return undefined;
  return event(socket, 'connect', 'connect_error');
}

/** Calls `listener(name, ...args)` for each event; what it returns ends that. */
export function onAny(socket, listener) {
  if (socket.onAny) {
    socket.onAny(listener);
    return () => socket.offAny(listener);
  }
  const { onevent } = socket; // client 2 has nothing of its own for this
  socket.onevent = (packet) => {
    listener(...packet.data);
    onevent.call(socket, packet);
  };
  return () => (socket.onevent = onevent);
}

/** The arguments of the next `name`; `failure` rejects. */
export function event(emitter, name, failure) {
  return deadline(new Promise((resolve, reject) => {
    emitter.once(name, (...args) => resolve(args));
    if (failure) emitter.once(failure, reject);
  }), `the event ${name}`);
}

/** The error of a connection that is refused. Client 2 is told its message, or its data. */
export function refusedWith(socket) {
  return deadline(new Promise((resolve, reject) => {
    socket.once('connect_error', resolve);
    socket.once('error', (told) => {
      if (typeof told === 'string') resolve({ message: told });
      else resolve('message' in told ? told : { data: told });
    });
    socket.once('connect', () => reject(new Error('it was let in')));
  }), 'a refusal');
}

/** The server's answer. */
export const ask = (socket, name, ...args) =>
  deadline(new Promise((resolve) => socket.emit(name, ...args, resolve)), `the answer to ${name}`);

/** Runs a server operation. */
export const operate = (socket, op, c = {}) => ask(socket, 'op', { op, nsp: socket.nsp, ...c });

/**
 * What each socket hears of `action`: lists of `[name, ...args]`. One emitter's events arrive in order, so when a socket
 * has the fence that `operator` sends behind the action, it has heard all there was.
 */
let fences = 0;
export async function heard(operator, sockets, action) {
  const fence = `fence ${++fences}`;
  const lists = sockets.map((socket) => {
    const list = [];
    list.fenced = new Promise((resolve) => {
      const off = onAny(socket, (name, ...args) => {
        if (name !== fence) return void (name.startsWith('fence ') || list.push([name, ...args]));
        off();
        resolve();
      });
    });
    return list;
  });
  await action();
  for (const nsp of new Set(sockets.map((socket) => socket.nsp))) await operate(operator, 'emit', { nsp, event: fence });
  await deadline(Promise.all(lists.map((list) => list.fenced)), 'the fence');
  return lists.map((list) => [...list]);
}

/** Resolves when the connection of a socket is a WebSocket. */
export const upgraded = (socket) => until(() => socket.io.engine.transport?.name === 'websocket', 'the upgrade');
