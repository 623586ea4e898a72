// The real server, as a process that can be stopped and started again on its port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_MS = 20000;
const STOP_MS = 20000;
const POLL_MS = 25;
const web = fileURLToPath(new URL('../../../web', import.meta.url));

async function freePort() {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export class ChatServer {
  #process = null;
  #output = '';
  #options = [];

  static async start(...options) {
    const server = new ChatServer();
    server.#options = options;
    server.port = await freePort();
    await server.start();
    return server;
  }

  get url() {
    return `http://localhost:${this.port}/`;
  }

  /** Resolves when the server answers. */
  async start() {
    if (!process.env.CHORUS_BIN) throw new Error('CHORUS_BIN must be the path of the server');
    const args = [
      'serve',
      '--no-supervisor',
      '--port',
      this.port,
      '--host',
      'localhost',
      '--workers',
      '2',
      '--web',
      web,
      '--test-placement',
      ...this.#options,
    ];
    const child = spawn(resolve(process.env.CHORUS_BIN), args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => (this.#output = (this.#output + chunk).slice(-8000));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    this.#process = child;
    for (const end = Date.now() + START_MS; Date.now() < end; await pause(POLL_MS)) {
      if (child.exitCode !== null || child.signalCode !== null) break;
      const answer = await fetch(`${this.url}healthz`).catch(() => null);
      await answer?.text();
      if (answer?.ok) return;
    }
    throw new Error(`the server does not answer:\n${this.#output}`);
  }

  /** Asks it to end, as an operator would; answers the exit code. */
  async stop() {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const guard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const [code] = await exited;
    clearTimeout(guard);
    return code;
  }

  get output() {
    return this.#output;
  }
}
