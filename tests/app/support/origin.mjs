// The origin system's workers as processes, and their devices.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { io as clientOf4 } from 'socket.io-client';
import clientOf2 from 'socket.io-client-2';

import { deadline } from '../../support/waiting.mjs';
import { Device } from './device.mjs';

const PROGRAM = fileURLToPath(new URL('./origin_worker.mjs', import.meta.url));

export class OriginWorker {
  #child;
  #version;

  /** A worker with that `version` of socket.io; it serves and hears the bus when this resolves. */
  static async start(t, redis, version) {
    const worker = new OriginWorker();
    worker.#version = version;
    worker.#child = fork(PROGRAM, [version, redis.path].map(String));
    t.after(() => worker.#child.kill('SIGKILL'));
    const ended = once(worker.#child, 'exit').then(() => assert.fail('a worker of the origin system has ended'));
    ended.catch(() => {});  // nobody may be waiting any more
    const [{ port }] = await deadline(Promise.race([once(worker.#child, 'message'), ended]), 'a worker of the origin system');
    worker.url = `http://127.0.0.1:${port}`;
    return worker;
  }

  get running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How its clients are made: they have its version. */
  get client() {
    return this.#version === 2 ? clientOf2 : clientOf4;
  }

  /** A device of `user` that is in. */
  async arrive(user) {
    const device = new Device(this.url, { client: this.client, query: { token: 'any', id: user } });
    await deadline(new Promise((connected) => device.socket.once('connect', connected)), `${user} at a Node worker`);
    return device;
  }

  /** Message { id, event, args } to all devices of the user `id`, from the worker's own code. */
  dispatch(message) {
    this.#child.send(message);
  }
}
