// Runs every load against every server in turn (A B A B …) and prints what they cost beside each other.
import { runLoad } from './generator.mjs';
import { answers, installed, servers, start, usualServers } from './servers.mjs';
import { loadName, printIdle, printLatencies, printLoads, printMachine, summarize } from './table.mjs';
import { readWishes } from './wishes.mjs';

const subject = 'Chorus';

async function measure(name, load, seconds) {
  const server = await start(name, load);
  try {
    return await runLoad(load, server, seconds);
  } finally {
    await server.stop();
  }
}

/** The runs of every server under a load, in turn. A peer that does not bear it is told of, and left out. */
async function measureAll(able, load) {
  const runs = Object.fromEntries(able.map((name) => [name, []]));
  for (let round = 0; round < wish.repetitions; ++round) {
    for (const name of Object.keys(runs)) {
      try {
        runs[name].push(await measure(name, load, wish.seconds));
      } catch (error) {
        if (!servers[name].peer) throw error;
        console.error(`${name} does not bear ${loadName(load)}: ${error.message}`);
        delete runs[name];
      }
    }
  }
  return runs;
}

const wish = readWishes(Object.keys(servers), usualServers);
const there = installed();
const names = wish.servers.filter((name) => there.includes(name));
const missing = wish.servers.filter((name) => !there.includes(name));
if (missing.length > 0) console.error(`left out, not installed (script/bench --install-peers): ${missing.join(', ')}`);

const rows = [];
let faults = 0;
for (const load of wish.matrix) {
  const able = names.filter((name) => answers(name, load));
  const row = summarize(load, await measureAll(able, load), subject);
  rows.push(row);
  for (const [name, server] of Object.entries(row.servers)) {
    faults += server.faults;
    if (server.faults > 0) console.error(`${name}: ${server.faults} messages went astray under ${row.name}`);
  }
  console.error(`measured ${row.name}`);
}

if (wish.json) {
  const { repetitions, seconds } = wish;
  console.log(JSON.stringify({ repetitions, seconds, rows }));
} else {
  const isOpen = ({ rate }) => rate > 0;
  printLoads(rows.filter((row) => !isOpen(row)), names, subject);
  printIdle(rows, names);
  printLatencies(rows.filter(isOpen), names, subject);
  printMachine(wish, names.some((name) => servers[name].peer));
}
process.exitCode = faults > 0 ? 1 : 0;
