// A supervised instance of the program, in a runtime folder of its own.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../../support/waiting.mjs';
import { Device } from './device.mjs';
import { Program, run } from './program.mjs';

/** Folders and programs of one test, gone with it. */
export class Instance {
  #programs = [];

  constructor(t) {
    this.folder = mkdtempSync(join(tmpdir(), 'chorus-supervisor-'));
    this.startFile = join(this.folder, 'start');
    this.env = { XDG_RUNTIME_DIR: this.folder, CHORUS_TEST_START_FILE: this.startFile };
    t.after(async () => {
      for (const program of this.#programs) await program.stop();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** `chorus serve` with these arguments, one worker thread a process. */
  async serve(args, env = {}, command = undefined) {
    const program = await Program.serve(['--workers', 1, ...args], { ...this.env, ...env }, command);
    this.#programs.push(program);
    return program;
  }

  run(args, env = {}) {
    return run(args, { ...this.env, ...env });
  }

  /** What `chorus status --json` says; undefined when nothing runs there. */
  async status(port) {
    const { code, stdout } = await this.run(['status', '--port', port, '--json']);
    return code === 0 ? JSON.parse(stdout) : undefined;
  }

  /** The processes once `matches` holds for them. */
  async processes(port, matches, what) {
    return until(async () => {
      const list = (await this.status(port))?.processes;
      return list && matches(list) && list;
    }, what);
  }
}

export const allReady = (list) => list.every(({ state }) => state === 'ready');

/** [state, parent, ...] of a process or thread, from its `stat` file; nothing when it is gone. */
function statOf(folder) {
  try {
    const text = readFileSync(`${folder}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function parentOf(pid) {
  const [state, parent] = statOf(`/proc/${pid}`);
  return state === undefined || state === 'Z' ? undefined : Number(parent);
}

/** SIGSTOP; resolves when all its threads stand still. */
export async function stop(pid) {
  process.kill(pid, 'SIGSTOP');
  const threads = `/proc/${pid}/task`;
  await until(() => readdirSync(threads).every((id) => statOf(`${threads}/${id}`)[0] === 'T'), 'standing still');
}

/** A device whose session is in the process `pid`: the `others` stand still while it arrives. */
export async function arriveAt(t, program, pid, others, user, options = {}) {
  for (const other of others) await stop(other);
  try {
    const device = await Device.arrive(program, user, { transports: ['websocket'], ...options });
    t.after(() => device.leave());
    return device;
  } finally {
    for (const other of others) process.kill(other, 'SIGCONT');
  }
}

export const isAlive = (pid) => parentOf(pid) !== undefined;

export function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid).map(Number);
}

export const nameOf = (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

export const gone = (pids, what) => until(() => !pids.some(isAlive), what);

/** Requests on new connections, one after the other, several at a time, until it is stopped. */
export class Stream {
  #running = true;
  #lanes;
  served = 0;
  failures = [];

  constructor(port, lanes = 4) {
    this.#lanes = Array.from({ length: lanes }, () => this.#run(port));
  }

  async #run(port) {
    while (this.#running) {
      const status = await this.#request(port).catch((error) => error.code ?? error.message);
      if (status === 200) this.served += 1;
      else this.failures.push(status);
    }
  }

  #request(port) {
    return new Promise((resolve, reject) => {
      const agent = new Agent({ keepAlive: false });
      const request = get({ host: '127.0.0.1', port, path: '/healthz', agent, timeout: 5000 }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode)).on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error('no answer'))).on('error', reject);
    });
  }

  /** Fails when one of them failed. */
  async stop() {
    this.#running = false;
    await Promise.all(this.#lanes);
    assert.deepEqual(this.failures, []);
    assert.ok(this.served > 20, `${this.served} requests are no stream`);
  }

  /** At least `count` more were served. */
  async more(count = 20) {
    const least = this.served + count;
    await until(() => this.served >= least || this.failures.length > 0, 'more requests');
  }
}
