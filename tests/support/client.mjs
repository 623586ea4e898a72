// The stock client, socket.io-client 4, as many as a test wants, over each way to connect.

import { describe } from 'node:test';
import { io } from 'socket.io-client';

import { patience } from './fixture.mjs';
import { deadline, until } from './waiting.mjs';

const ACK_MS = 10_000;

export const ways = {
  polling: ['polling'],
  websocket: ['websocket'],
  'polling, then websocket': ['polling', 'websocket'],
};

/** The same scenarios over every way: `scenarios(join)`. */
export function overEveryWay(fixture, scenarios) {
  for (const [name, transports] of Object.entries(ways)) {
    describe(`over ${name}`, { concurrency: 8 }, () => scenarios(joiner(fixture, transports), name));
  }
}

/** `join(t, nsp, options)`: a connected socket over a connection of its own, gone when the test is. */
export function joiner(fixture, transports) {
  return async (t, nsp = '/fx', options = {}) => {
    const socket = open(t, fixture, nsp, { transports, ...options });
    await connected(socket);
    return socket;
  };
}

/** A socket that may not connect, or not at once. */
export function open(t, fixture, nsp, options = {}) {
  const socket = io(fixture.url + nsp, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.disconnect());
  return socket;
}

export function connected(socket) {
  if (socket.connected) return undefined;
  return event(socket, 'connect', 'connect_error');
}

/** The arguments of the next `name`; `failure` rejects. */
export function event(emitter, name, failure) {
  return deadline(new Promise((resolve, reject) => {
    emitter.once(name, (...args) => resolve(args));
    if (failure) emitter.once(failure, reject);
  }), `the event ${name}`);
}

/** The error of a connection that is refused. */
export function refusedWith(socket) {
  return deadline(new Promise((resolve, reject) => {
    socket.once('connect_error', resolve);
    socket.once('connect', () => reject(new Error('it was let in')));
  }), 'a refusal');
}

/** The server's answer. */
export const ask = (socket, name, ...args) => socket.timeout(ACK_MS * patience).emitWithAck(name, ...args);

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
      const listener = (name, ...args) => {
        if (name !== fence) return void (name.startsWith('fence ') || list.push([name, ...args]));
        socket.offAny(listener);
        resolve();
      };
      socket.onAny(listener);
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
