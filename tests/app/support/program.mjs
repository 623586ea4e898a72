// The program `chorus` (CHORUS_BIN) as a process.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const START_MS = 20000;
const STOP_MS = 20000;
const web = fileURLToPath(new URL('../../../web', import.meta.url));

export function binary() {
  assert.ok(process.env.CHORUS_BIN, 'CHORUS_BIN must be the path of the program');
  return resolve(process.env.CHORUS_BIN);
}

/** The environment without what would configure the program. */
function cleanEnvironment(env) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('CHORUS_'));
  return { ...Object.fromEntries(kept), ...env };
}

/** Runs it to its end; answers { code, stdout, stderr }. */
export async function run(args, env = {}) {
  const child = spawn(binary(), args.map(String), { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const guard = setTimeout(() => child.kill('SIGKILL'), START_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const [code] = await once(child, 'close');
  clearTimeout(guard);
  return { code, stdout, stderr };
}

export class Program {
  #child;
  #name;
  stdout = '';
  stderr = '';

  /** `chorus serve` with these arguments besides; on any free port unless one is among them. */
  static async serve(args = [], env = {}, command = binary()) {
    const program = new Program();
    const port = args.includes('--port') ? [] : ['--port', 0];
    await program.#start(['serve', ...port, '--web', web, '--log-level', 'warning', ...args], env, command);
    return program;
  }

  async #start(args, env, command) {
    const child = spawn(command, args.map(String), { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    await new Promise((started, failed) => {
      const fail = (why) => {
        child.kill('SIGKILL');  // nobody else knows it
        failed(new Error(`${why}\n${this.stdout}${this.stderr}`));
      };
      const guard = setTimeout(() => fail('no line says that it listens'), START_MS);
      child.stdout.on('data', (text) => {
        this.stdout += text;
        if (!/Tokens: .*\n/.test(this.stdout)) return;
        clearTimeout(guard);
        started();
      });
      child.once('close', () => fail('it has ended'));
    });
    // What listens on all of IPv4 has no IPv6, which a client may try first for localhost, and alone (node 18).
    this.#name = args.includes('0.0.0.0') ? '127.0.0.1' : 'localhost';
    this.port = Number(/^Listening on port (\d+)\.$/m.exec(this.stdout)[1]);
  }

  get url() {
    return `http://${this.#name}:${this.port}`;
  }

  get pid() {
    return this.#child.pid;
  }

  get running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks it to end; answers its exit code (null: it had to be killed). */
  async stop(signal = 'SIGTERM') {
    if (!this.running) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const guard = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const [code] = await ended;
    clearTimeout(guard);
    return code;
  }

  async get(path, headers = {}) {
    const answer = await fetch(this.url + path, { headers });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }
}
