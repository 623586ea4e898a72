// Runs every load against every server in turn (A B A B …) and prints what they cost beside each other.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { generatorCore, installed, loadGenerator, pinned, servers, start } from './servers.mjs';
import { loadName, printIdle, printLoads, printMachine, summarize } from './table.mjs';
import { readWishes } from './wishes.mjs';

const run = promisify(execFile);
const subject = 'Chorus';

async function measure(name, { load, words, connections, payload_bytes, window, workers, io_uring }, seconds) {
  const server = await start(name, load, workers, io_uring);
  try {
    const command = [loadGenerator, ...words, '--port', server.port, '--process-tree', server.pid];
    if (server.redis) command.push('--apart', server.redis.pid);
    if (payload_bytes > 0) command.push('--size', payload_bytes);
    if (window > 0) command.push('--window', window);
    command.push('--connections', connections, '--warm-up', Math.min(1, seconds / 2), '--seconds', seconds, '--json');
    const [file, ...rest] = pinned(generatorCore(), workers, command.map(String));
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

const wish = readWishes(Object.keys(servers));
const there = installed();
const names = wish.servers.filter((name) => there.includes(name));
const missing = wish.servers.filter((name) => !there.includes(name));
if (missing.length > 0) console.error(`left out, not installed (script/bench --install-peers): ${missing.join(', ')}`);

const rows = [];
let faults = 0;
for (const load of wish.matrix) {
  const able = names.filter((name) => servers[name].loads.includes(load.load));
  const runs = Object.fromEntries(able.map((name) => [name, []]));
  for (let round = 0; round < wish.repetitions; ++round)
    for (const name of able) runs[name].push(await measure(name, load, wish.seconds));
  const row = summarize(load, runs, subject);
  rows.push(row);
  for (const [name, server] of Object.entries(row.servers)) {
    faults += server.faults;
    if (server.faults > 0) console.error(`${name}: ${server.faults} messages went astray under ${row.name}`);
  }
  console.error(`measured ${loadName(load)}`);
}

if (wish.json) {
  const { repetitions, seconds } = wish;
  console.log(JSON.stringify({ repetitions, seconds, rows }));
} else {
  printLoads(rows, names, subject);
  printIdle(rows, names);
  printMachine(wish, names.some((name) => servers[name].peer));
}
process.exitCode = faults > 0 ? 1 : 0;
