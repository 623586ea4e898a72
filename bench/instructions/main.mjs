// Counts the instructions of a message, a delivery and a connection, and holds them against the table beside this file.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { count, isThere } from './callgrind.mjs';
import { loads, play } from './loads.mjs';
import { againstSmallest, againstTable } from './verdicts.mjs';

const usage = `usage: script/bench --instructions [--record]

Counts the bench server's instructions (valgrind's callgrind: user space only; one worker, plain calls) and holds them
against bench/instructions/expected.json: a tenth more is a failure (status 1). Then those of the same work in small and
in large surroundings, where a tenth more is a failure too. No quiet machine is needed.

  --record      writes what was counted into the table: after a change that is meant to cost what it costs
  --bin FOLDER  where the programs are

Without valgrind, or with other compilers than the table's, it says so and ends with status 77.
`;
const skipped = 77;
const table = fileURLToPath(new URL('expected.json', import.meta.url));

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(skipped);
}

/** The compiler of a program as its own comment section has it: "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0". */
function compilersOf(program) {
  const comment = execFileSync('readelf', ['--string-dump=.comment', program], { encoding: 'utf8' });
  return [...comment.matchAll(/^ +\[ *[0-9a-f]+\] +(.*)$/gm)].map(([, text]) => text);
}

/** All instructions of a server that has played so many rounds. */
async function ofServer(program, load, rounds) {
  let crowd;
  const counts = await count(program, {
    env: { PORT: '0', WORKERS: '1', IO_URING: '0' },
    during: async (line, server) => {
      const [, port] = /^READY (\d+)$/.exec(line);
      crowd = await play(load, Number(port), rounds);
      server.kill('SIGTERM');
      crowd.leave();
    },
  });
  return counts.at(-1);
}

/** What one costs: the difference that as many rounds again make. Start, connections and end cancel out. */
async function countLoads(program) {
  const counted = {};
  for (const [name, load] of Object.entries(loads)) {
    const once = await ofServer(program, load, load.rounds);
    const twice = await ofServer(program, load, 2 * load.rounds);
    counted[name] = (twice - once) / (load.rounds * load.share);
  }
  return counted;
}

/** what -> surroundings -> instructions for one, in the order of surroundings.cpp: the small ones first. */
async function countSurroundings(program) {
  const lines = [];
  const counts = await count(program, {
    options: ['--toggle-collect=chorus_measured', '--dump-after=chorus_measured'],
    during: (line) => void lines.push(/^(.*?), (.*) (\d+)$/.exec(line)),
  });
  const counted = {};
  lines.forEach(([, what, around, times], i) => ((counted[what] ??= {})[around] = counts[i] / Number(times)));
  return counted;
}

/** Prints a table; how many of its rows are failures. */
function print(head, rows) {
  console.log(`| ${head.join(' | ')} |\n|${head.map((_, i) => (i === 0 ? ' --- |' : ' ---: |')).join('')}`);
  for (const { cells } of rows) console.log(`| ${cells.join(' | ')} |`);
  console.log();
  return rows.filter(({ failed }) => failed).length;
}

const { values } = parseArgs({
  options: { bin: { type: 'string', default: 'build/bench/bin' }, record: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const server = `${values.bin}/chorus_bench_server`;
const expected = JSON.parse(readFileSync(table, 'utf8'));
if (!isThere()) skip('valgrind is not installed (script/bootstrap bench)');
const compilers = compilersOf(server);
if (process.arch !== 'x64' || compilers.some((compiler) => !compiler.startsWith(expected.compiler)))
  skip(`counts are recorded for ${expected.compiler} on x86-64, these programs are of ${compilers.join(' and ')}`);

const counted = await countLoads(server);
if (values.record) {
  expected.instructions = Object.fromEntries(Object.entries(counted).map(([name, count]) => [name, Math.round(count)]));
  writeFileSync(table, `${JSON.stringify(expected, null, 2)}\n`);
}
const failures =
  print(['instructions for one', 'now', 'expected', ''], againstTable(counted, expected.instructions)) +
  print(['instructions for one', 'surroundings', 'now', 'of the first', ''],
    againstSmallest(await countSurroundings(`${values.bin}/chorus_surroundings`)));
if (failures > 0) console.log(`${failures} above a tenth more. What is meant to cost it: script/bench --instructions --record`);
process.exit(failures > 0 ? 1 : 0);
