// Socket.IO v5 packet by packet, over either transport: `client.send('40')`, `await client.next()`.

import assert from 'node:assert/strict';

import { Peer } from './peer.mjs';
import { PollingSession } from './polling.mjs';
import { deadline } from './waiting.mjs';

/** Over a WebSocket. Heartbeats are answered by themselves. */
class WebSocketClient {
  constructor(peer, handshake) {
    this.peer = peer;
    this.sid = handshake.sid;
    peer.socket.on('message', (data, isBinary) => {
      if (!isBinary && String(data) === '2') peer.send('3');
    });
  }

  send(...packets) {
    for (const packet of packets) this.peer.send(typeof packet === 'string' ? `4${packet}` : packet);
  }

  async next() {
    for (;;) {
      const message = await this.peer.next();
      if (typeof message !== 'string') return message;
      if (message === '2') continue;
      assert.equal(message[0], '4', message);
      return message.slice(1);
    }
  }

  /** Resolves when the server ended the session, with what it said before. */
  async ended() {
    await this.peer.closed();
  }

  close() {
    this.peer.close();
  }
}

/** Over polling: a poll is always parked. */
class PollingClient {
  #messages = [];
  #waiting = [];
  #posted = Promise.resolve(); // one POST after the other, as clients do

  constructor(session) {
    this.session = session;
    this.sid = session.sid;
    this.#poll();
  }

  send(...packets) {
    const encode = (packet) => (typeof packet === 'string' ? `4${packet}` : `b${packet.toString('base64')}`);
    const payload = packets.map(encode);
    this.#posted = this.#posted.then(() => this.session.post(payload.join('\x1e'))).then((response) => response.text());
  }

  async next() {
    const message = await this.#next();
    assert.ok(message !== null, 'the session ended while a packet was awaited');
    return message;
  }

  async ended() {
    while ((await this.#next()) !== null);
    await this.session.assertEnded();
  }

  close() {
    this.#posted.then(() => this.session.post('1')).then((response) => response.text()).catch(() => {});
  }

  #next() {
    if (this.#messages.length > 0) return this.#messages.shift();
    return deadline(new Promise((resolve) => this.#waiting.push(resolve)), 'the next packet');
  }

  async #poll() {
    for (;;) {
      const response = await fetch(this.session.url).catch(() => null);
      const body = response ? await response.text() : '';
      if (!response || response.status !== 200) return this.#take(null);
      for (const packet of body.split('\x1e')) {
        if (packet === '1') return this.#take(null);
        if (packet === '2') await (await this.session.post('3')).text();
        else if (packet[0] === '4') this.#take(packet.slice(1));
        else if (packet[0] === 'b') this.#take(Buffer.from(packet.slice(1), 'base64'));
      }
    }
  }

  #take(message) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(message);
    else this.#messages.push(message);
  }
}

export const transports = {
  async websocket(fixture, query = '') {
    const peer = await Peer.open(`${fixture.wsUrl}/socket.io/?EIO=4&transport=websocket${query}`);
    return new WebSocketClient(peer, JSON.parse((await peer.next()).slice(1)));
  },
  async polling(fixture, query = '') {
    return new PollingClient(await PollingSession.open(fixture, { path: '/socket.io/', query }));
  },
};

/** The namespace's socket id, from the answer to CONNECT. */
export async function connect(client, nsp = '/', auth) {
  const prefix = nsp === '/' ? '' : `${nsp},`;
  client.send(`0${prefix}${auth === undefined ? '' : JSON.stringify(auth)}`);
  const answer = await client.next();
  assert.ok(answer.startsWith(`0${prefix}{`), answer);
  const { sid, ...rest } = JSON.parse(answer.slice(1 + prefix.length));
  assert.deepEqual(rest, {});
  return sid;
}
