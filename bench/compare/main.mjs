// Runs every load against every server in turn (A B A B …) and prints what they cost beside each other.
import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs, promisify } from 'node:util';

import { generatorCore, loadGenerator, pinned, servers, start } from './servers.mjs';
import { loadName, print, summarize } from './table.mjs';

const run = promisify(execFile);
const base = 'floor';

const { values: wish } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    loads: { type: 'string', default: 'echo,ack,broadcast,rooms,users' },
    connections: { type: 'string', default: '1000' },
    repetitions: { type: 'string' },
    seconds: { type: 'string' },
    workers: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const workers = Number(wish.workers);
const repetitions = Number(wish.repetitions ?? (wish.quick ? 3 : 5));
const seconds = Number(wish.seconds ?? (wish.quick ? 1 : 3));

/** Every load in small and large messages, one and sixteen in flight. Users come by threes. */
function matrix() {
  const list = [];
  for (const load of wish.loads.split(','))
    for (const payload_bytes of [32, 1024])
      for (const window of [1, 16]) {
        const group = { rooms: 10, users: 3 }[load] ?? 1;
        const connections = Math.max(1, Math.floor(Number(wish.connections) / group)) * group;
        if (!wish.quick || group === 1) list.push({ load, connections, payload_bytes, window });
      }
  return list;
}

async function measure(name, { load, connections, payload_bytes, window }) {
  const server = await start(name, workers);
  try {
    const words = [load, '--port', server.port, '--pid', server.pid, '--connections', connections];
    words.push('--size', payload_bytes, '--window', window, '--warm-up', Math.min(1, seconds / 2));
    words.push('--seconds', seconds, '--json');
    const [file, ...rest] = pinned(generatorCore(), [loadGenerator, ...words.map(String)]);
    // Status 1: messages went astray. That is told, not thrown.
    const { stdout } = await run(file, rest).catch((error) => {
      if (error.code === 1 && error.stdout) return error;
      throw error;
    });
    return JSON.parse(stdout);
  } finally {
    await server.stop();
  }
}

const names = Object.keys(servers);
const rows = [];
let faults = 0;
for (const load of matrix()) {
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < repetitions; ++round)
    for (const name of names) if (servers[name].loads.includes(load.load)) runs[name].push(await measure(name, load));
  const row = summarize(load, runs, base);
  rows.push(row);
  for (const [name, server] of Object.entries(row.servers)) {
    faults += server.faults;
    if (server.faults > 0) console.error(`${name}: ${server.faults} messages went astray under ${row.load}`);
  }
  console.error(`measured ${loadName(load)}`);
}

if (wish.json) {
  console.log(JSON.stringify({ workers, repetitions, seconds, rows }));
} else {
  print(rows, names, base);
  const idle = rows.flatMap((row) => row.servers.Chorus ?? []);
  const least = (key) => Math.min(...idle.map((server) => server[key]));
  console.log(
    `\n${workers} worker(s), ${repetitions} rounds of ${seconds} s; ${cpus()[0]?.model}, ${cpus().length} cores, ` +
      `load average now ${loadavg()[0].toFixed(1)}. Chorus: ${least('connect_us').toFixed(0)} µs CPU per connect, ` +
      `${least('bytes').toFixed(0)} bytes per idle connection.`,
  );
}
process.exitCode = faults > 0 ? 1 : 0;
