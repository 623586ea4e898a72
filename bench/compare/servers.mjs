// The servers that are held against each other: how each is started, and how its end is awaited.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

const bin = new URL('../../build/bench/bin/', import.meta.url).pathname;
const patience = 10_000; // ms, for a server to listen

/** What runs pinned: the server on the first cores, the generator on the last. Where there is one core, nothing is. */
export function pinned(cores, command) {
  return availableParallelism() > 1 ? ['taskset', '-c', cores, ...command] : command;
}

export function serverCores(workers) {
  return workers < availableParallelism() ? `0-${workers - 1}` : `0-${availableParallelism() - 1}`;
}

export const generatorCore = () => String(availableParallelism() - 1);

/** name -> { command(port, workers), environment(port, workers), loads } */
export const servers = {
  floor: {
    command: (port, workers) => [`${bin}chorus_floor`, String(port), String(workers)],
    environment: () => ({}),
    loads: ['echo', 'ack', 'broadcast'],
  },
  Chorus: {
    command: () => [`${bin}chorus_bench_server`],
    environment: (port, workers) => ({ PORT: String(port), WORKERS: String(workers) }),
    loads: ['echo', 'ack', 'broadcast', 'rooms', 'users'],
  },
};

export const loadGenerator = `${bin}chorus_load`;

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts it and waits for READY. The answer: { port, pid, stop() }. */
export async function start(name, workers) {
  const server = servers[name];
  const port = await freePort();
  const [file, ...words] = pinned(serverCores(workers), server.command(port, workers));
  const env = { ...process.env, ...server.environment(port, workers) };
  const child = spawn(file, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('READY ')) return;
    throw new Error(`${name} did not start`);
  })();
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ready.finally(() => clearTimeout(timer));
  return {
    port,
    pid: child.pid, // taskset becomes the server: exec keeps the id
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
