// A redis-server of a test, on a Unix socket in a folder of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';

import { until } from '../../support/waiting.mjs';

const answers = (path) =>
  new Promise((resolve) => {
    const socket = createConnection(path, () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });

export class Redis {
  #child;
  #folder = mkdtempSync(join(tmpdir(), 'chorus-redis-'));
  path = join(this.#folder, 'redis.sock');
  url = `unix://${this.path}`;

  static async start(t) {
    const redis = new Redis();
    t.after(async () => {
      await redis.kill();
      rmSync(redis.#folder, { recursive: true, force: true });
    });
    await redis.restart();
    return redis;
  }

  /** A client of it, as long as the test runs. */
  async client(t) {
    const client = createClient({ socket: { path: this.path } });
    client.on('error', () => {});
    await client.connect();
    t.after(() => client.disconnect());
    return client;
  }

  async kill(signal = 'SIGKILL') {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  /**
   * Like a machine that came back: the same place, and nothing is remembered. `first(path)` is called before anybody who
   * knows the place can find it there.
   */
  async restart(first = () => {}) {
    await this.kill();
    const path = `${this.path}.new`;
    const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', this.#folder];
    this.#child = spawn('redis-server', options, { stdio: 'ignore' });
    await until(() => answers(path), 'redis-server answers');
    await first(path);
    renameSync(path, this.path);
  }

  pause() {
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#child.kill('SIGCONT');
  }
}
