// A device of a user: a stock Socket.IO client on `/socket`, and what it heard.

import assert from 'node:assert/strict';
import { io } from 'socket.io-client';

const WAIT_MS = 10000;

export class Device {
  #waiting = new Set();
  heard = []; // the envelopes { event, id, args }, in order
  #taken = 0;

  /** Connects without waiting. `auth`, `query`, `extraHeaders`, `transports`, ... as `client` takes them. */
  constructor(url, { client = io, ...options } = {}) {
    this.socket = client(`${url}/socket`, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
    this.socket.on('message', (envelope) => {
      this.heard.push(envelope);
      for (const check of this.#waiting) check();
    });
  }

  /** Resolves when `user` is in and welcomed. */
  static async arrive(program, user, { worker, kind, ...options } = {}) {
    const device = new Device(program.url, {
      auth: { token: 'any', id: user, kind },
      query: worker === undefined ? {} : { worker: String(worker) },
      ...options,
    });
    await device.next('welcome');
    return device;
  }

  /** The error's message when it is refused; fails when it is let in. */
  static async refused(url, options) {
    const device = new Device(url, options);
    const message = await new Promise((resolve, reject) => {
      device.socket.once('connect_error', (error) => resolve(error.message));
      device.socket.once('error', resolve);  // the client of socket.io 2
      device.socket.once('connect', () => reject(new Error('it was let in')));
    });
    device.leave();
    return message;
  }

  /** The args of the next `event` (that `matches`), among what was heard since the last call too; what is before is skipped. */
  async next(event, matches = () => true) {
    return (await this.nextEnvelope(event, matches)).args;
  }

  nextEnvelope(event, matches = () => true) {
    return new Promise((resolve, reject) => {
      const check = () => {
        const at = this.heard.findIndex((e, i) => i >= this.#taken && e.event === event && matches(e.args));
        if (at < 0) return;
        this.#taken = at + 1;
        clearTimeout(guard);
        this.#waiting.delete(check);
        resolve(this.heard[at]);
      };
      const guard = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`no ${event} in ${JSON.stringify(this.heard.slice(this.#taken))}`));
      }, WAIT_MS);
      this.#waiting.add(check);
      check();
    });
  }

  all(event) {
    return this.heard.filter((envelope) => envelope.event === event).map(({ args }) => args);
  }

  /** The acknowledgement. */
  ask(event, args) {
    return this.socket.timeout(WAIT_MS).emitWithAck('message', { event, args });
  }

  tell(event, args) {
    this.socket.emit('message', args === undefined ? { event } : { event, args });
  }

  async say(text, to) {
    const answer = await this.ask('sendMessage', { text, to });
    assert.equal(answer.ok, true, JSON.stringify(answer));
    return answer;
  }

  /** When this returns, everything the server sent this device before was heard: answers have their place in line. */
  async inStep() {
    await this.ask('whoIsOnline', {});
  }

  leave() {
    this.socket.disconnect();
  }
}

/** Two devices of a user on two processes, and all that were opened on the way to them. */
export async function apart(t, program, user) {
  const all = [];
  t.after(() => all.forEach((device) => device.leave()));
  while (all.length < 60) {
    // Several at once, since processes that take turns may do so in step with the connections of one device.
    all.push(...(await Promise.all([1, 2, 3].map(() => Device.arrive(program, user)))));
    for (const near of all) {
      const { devices } = near.heard[0].args;
      const far = all.find((other) => devices.some((d) => d.socket === other.socket.id && !d.here));
      if (far) return { near, far, all };
    }
  }
  return assert.fail('sixty devices, and all on one process');
}
