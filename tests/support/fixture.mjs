// The fixture server as a process of a test: its own port, its own settings, and a clean end.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { until } from './waiting.mjs';

const START_MS = 20_000;
const STOP_MS = 2_000;

/** Heartbeats fast enough to be watched. */
export const fast = { PING_INTERVAL: 300, PING_TIMEOUT: 200, CONNECT_TIMEOUT: 1000, EMIT_AUTH: 1 };
/** The same for tests of other things: a client on a busy machine has time for its pong. */
export const patient = { ...fast, PING_INTERVAL: 1000, PING_TIMEOUT: 3000 };
/** No heartbeat in sight: what happens is the test's doing. */
export const quiet = { WORKERS: 4 };

class Fixture {
  #process;
  #ended;

  constructor(process, port) {
    this.#process = process;
    this.#ended = once(process, 'exit');
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.wsUrl = `ws://127.0.0.1:${port}`;
    this.lines = [];
  }

  /** SIGHUP: reads its certificates again. What it says then. */
  async reload() {
    const said = this.lines.length;
    this.#process.kill('SIGHUP');
    return until(() => this.lines[said], 'the word on its certificates');
  }

  get pid() {
    return this.#process.pid;
  }

  /** Dies without a word to anybody. */
  async kill() {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM; status 0 within two seconds is part of every test. */
  async stop() {
    assert.equal(this.#process.exitCode, null, 'the fixture ended by itself');
    assert.equal(this.#process.signalCode, null, 'the fixture was ended by a signal');
    const late = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS * patience);
    this.#process.kill('SIGTERM');
    const [code, signal] = await this.#ended;
    clearTimeout(late);
    assert.deepEqual([code, signal], [0, null], 'SIGTERM ends the fixture with status 0 in time');
  }
}

/** More time for everything where sanitizers slow the server down. */
export const patience = Number(process.env.CHORUS_PATIENCE || 1);

export async function startFixture(settings = quiet) {
  const program = process.env.CHORUS_FIXTURE;
  assert.ok(program, 'CHORUS_FIXTURE names no program: run these tests through ctest, or set it');
  const environment = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const server = spawn(program, [], {
    env: { PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const failure = once(server, 'exit').then(([code, signal]) => {
    throw new Error(`the fixture ended with ${signal ?? code} before it was ready`);
  });
  const output = createInterface({ input: server.stdout });
  const ready = once(output, 'line');
  const late = setTimeout(() => server.kill('SIGKILL'), START_MS);
  const [line] = await Promise.race([ready, failure]);
  clearTimeout(late);
  failure.catch(() => {});
  const port = /^READY (\d+)$/.exec(line)?.[1];
  assert.ok(port, `expected READY and a port, not ${line}`);
  const fixture = new Fixture(server, Number(port));
  output.on('line', (said) => fixture.lines.push(said));
  return fixture;
}
