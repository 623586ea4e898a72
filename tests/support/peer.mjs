// A WebSocket client that is asked for one message after the other.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';

import { deadline } from './waiting.mjs';

export class Peer {
  #messages = [];
  #waiting = [];
  #closed = null;

  /** An open connection, or an error with the `status` and `body` of the refusal. */
  static async open(url, options = {}) {
    const socket = new WebSocket(url, options.protocols ?? [], { perMessageDeflate: false, ...options });
    const peer = new Peer(socket);
    const refused = once(socket, 'unexpected-response').then(async ([, response]) => {
      const error = new Error(`refused with ${response.statusCode}`);
      error.status = response.statusCode;
      error.headers = response.headers;
      error.body = Buffer.concat(await response.toArray()).toString();
      throw error;
    });
    refused.catch(() => {});
    await deadline(Promise.race([once(socket, 'open'), refused]), `WebSocket to ${url}`);
    return peer;
  }

  constructor(socket) {
    this.socket = socket;
    socket.on('upgrade', (response) => (this.upgradeHeaders = response.headers));
    socket.on('message', (data, isBinary) => this.#take({ value: isBinary ? data : data.toString() }));
    socket.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#take({ closed: this.#closed });
    });
    socket.on('error', () => {}); // told by 'close'
  }

  send(data) {
    this.socket.send(data);
  }

  /** The next message: a string, or a Buffer. */
  async next() {
    const item = await this.#next();
    assert.ok(!('closed' in item), `closed with ${JSON.stringify(item.closed)} while a message was awaited`);
    return item.value;
  }

  /** `{code, reason}`; messages before it are skipped unless `strict`. */
  async closed({ strict = false } = {}) {
    for (;;) {
      const item = await this.#next();
      if ('closed' in item) return item.closed;
      assert.ok(!strict, `expected the end, not ${item.value}`);
    }
  }

  close() {
    if (!this.#closed) this.socket.terminate();
  }

  #take(item) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#messages.push(item);
  }

  #next() {
    if (this.#messages.length > 0) return this.#messages.shift();
    return deadline(new Promise((resolve) => this.#waiting.push(resolve)), 'the next WebSocket message');
  }
}

/** Whether a WebSocket is let in: the refusal (`status`, `body`) otherwise. */
export async function refusal(url, options = {}) {
  try {
    (await Peer.open(url, options)).close();
  } catch (error) {
    if (!error.status) throw error;
    return { status: error.status, body: error.body, headers: error.headers };
  }
  return assert.fail(`${url} let a WebSocket in`);
}
