// The servers that are held against each other: how each is started, what it can answer, and how its end is awaited.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { startRedis } from './redis.mjs';

const folder = (name) => fileURLToPath(new URL(`../../${name}/`, import.meta.url));
const bin = folder('build/bench/bin');
const peers = folder('bench/peers');
const patience = 10_000; // ms, for a server to listen

/** What runs pinned: the server on the first cores, the generator on the last. Where they would share one, nothing is. */
export function pinned(cores, workers, command) {
  return workers < availableParallelism() ? ['taskset', '-c', cores, ...command] : command;
}

export const serverCores = (workers) => `0-${workers - 1}`;
export const generatorCore = () => String(availableParallelism() - 1);

const peer = (file) => [process.execPath, `${peers}${file}.mjs`];
// `ws` is measured as it is installed alone: not with the native helper that another peer happens to bring.
const peerEnvironment = ({ port }) => ({ PORT: String(port), WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' });

const ownEnvironment = ({ port, workers }) => ({ PORT: String(port), WORKERS: String(workers) });
const chorusHere = {
  command: () => [`${bin}chorus_bench_server`],
  environment: (run) => ({
    ...ownEnvironment(run),
    IO_URING: run.io_uring === 'off' ? '0' : 'auto',
    ANSWER_TIMES: run.rate > 0 ? '1' : '0', // measuring costs a little: only where time is what counts
  }),
  tellsAnswerTimes: true,
};
/** The same over TLS, with a certificate of its own making: what encryption costs. */
const chorusOverTls = {
  ...chorusHere,
  environment: (run) => ({ ...chorusHere.environment(run), TLS_CERT: certificate().cert, TLS_KEY: certificate().key }),
  tellsAnswerTimes: false,
  tls: true,
};
/** The program itself, one process for each worker of the origin system that it is compared with. */
const chorusProcesses = {
  needsRedis: true,
  command: ({ port, workers, redis, io_uring }) =>
    [`${bin}chorus`, 'serve', '--port', port, '--processes', workers, '--workers', 1, '--redis', redis.url,
      '--log-level', 'error', '--io-uring', io_uring].map(String),
  environment: () => ({}),
  isReady: (line, { workers }) => line.startsWith(`Process ${workers - 1} started`),
  // Ready for clients is not yet linked with the others.
  settled: ({ port, workers }) => linked(port, workers),
};

/**
 * name -> how it is started for a load (a function of the load), and which loads it can answer:
 *   { command(run), environment(run), needsRedis, isReady(line, run), settled(run), tellsAnswerTimes, tls }
 * `onRequest`: it takes part only where --servers names it.
 *   where run = { port, workers, redis, io_uring, rate }
 */
export const servers = {
  floor: {
    for: () => ({ command: () => [`${bin}chorus_floor`], environment: ownEnvironment }), // with io_uring, always
    loads: ['connect', 'echo', 'ack', 'broadcast', 'rooms', 'users', 'latency', 'crowd'],
  },
  Chorus: {
    for: (load) => (load === 'dispatch' ? chorusProcesses : chorusHere),
    loads: ['connect', 'echo', 'ack', 'broadcast', 'polling', 'rooms', 'users', 'dispatch', 'latency', 'crowd'],
  },
  TLS: {
    for: () => chorusOverTls,
    loads: ['connect', 'echo', 'ack', 'broadcast', 'polling', 'rooms', 'users'],
    onRequest: true,
  },
  Node: {
    for: () => ({ command: () => peer('node'), environment: peerEnvironment }),
    // No crowd: the 50,000 deliveries a second of its room are more than a core gives, and clients time out.
    loads: ['connect', 'echo', 'ack', 'broadcast', 'polling', 'rooms', 'users', 'latency'],
    peer: true,
  },
  'uWebSockets.js': {
    for: () => ({ command: () => peer('uwebsockets'), environment: peerEnvironment }),
    loads: ['connect', 'echo', 'ack', 'broadcast', 'polling', 'rooms', 'users', 'latency', 'crowd'],
    peer: true,
    works: () => runs(`import u from 'uWebSockets.js'; process.exit(/native code/.test(u.App) ? 0 : 1)`),
  },
  origin: {
    for: () => ({
      needsRedis: true,
      command: () => peer('origin'),
      environment: (run) => ({
        ...peerEnvironment(run),
        WORKERS: String(run.workers),
        REDIS_SOCKET: run.redis.path,
      }),
    }),
    loads: ['users', 'dispatch'],
    peer: true,
  },
};

function runs(program) {
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: peers, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let files;
/** { cert, key }: files for as long as this process lives. */
function certificate() {
  if (files) return files;
  const own = mkdtempSync(join(tmpdir(), 'chorus-bench-'));
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  files = { cert: join(own, 'cert.pem'), key: join(own, 'key.pem') };
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(' ');
  execFileSync('openssl', [...words, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return files;
}

/** Those that are measured where nobody says which. */
export const usualServers = Object.keys(servers).filter((name) => !servers[name].onRequest);

/** The names of those that can run here. Peers are there when `script/bench --install-peers` has been. */
export function installed() {
  const there = existsSync(`${peers}node_modules/.installed-lock`);
  return Object.keys(servers).filter((name) => !servers[name].peer || (there && (servers[name].works?.() ?? true)));
}

/** Whether it has something to show under this load. Without io_uring peers are what they are with it. */
export function answers(name, { load, io_uring }) {
  return servers[name].loads.includes(load) && (io_uring === 'auto' || !servers[name].peer);
}

export const loadGenerator = `${bin}chorus-load`;

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Until the processes behind this port hear each other: who is known to one of them has its link already. */
async function linked(port, processes) {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } });
    const { redis } = await answer.json();
    if (redis.state === 'up' && redis.nodes === processes - 1) return;
    if (Date.now() > deadline) throw new Error('Chorus: its processes do not find each other');
  }
}

/**
 * Starts it and waits until it is ready. The answer: { port, pid, redis, tellsAnswerTimes, stop() }; redis, where it has
 * one: { pid }.
 */
export async function start(name, { load, workers, io_uring, rate }) {
  const recipe = servers[name].for(load);
  const redis = recipe.needsRedis ? await startRedis() : undefined;
  const run = { port: await freePort(), workers, redis, io_uring, rate };
  const [file, ...words] = pinned(serverCores(workers), workers, recipe.command(run));
  const env = { ...process.env, ...recipe.environment(run) };
  const child = spawn(file, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  const isReady = recipe.isReady ?? ((line) => line.startsWith('READY '));
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) if (isReady(line, run)) return;
    throw new Error(`${name} did not start`);
  })();
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ready.finally(() => clearTimeout(timer));
  await recipe.settled?.(run);
  return {
    port: run.port,
    pid: child.pid, // taskset becomes the server: exec keeps the id
    redis: run.redis,
    tellsAnswerTimes: recipe.tellsAnswerTimes && rate > 0,
    tls: recipe.tls,
    stop: async () => {
      process.off('exit', end);
      end();
      await ended;
      await run.redis?.stop();
    },
  };
}
