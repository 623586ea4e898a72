// From runs to medians, ratios and tables.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

const disturbedBy = 0.1; // cores that strangers had while a run was measured

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How far the runs of one cell lie apart: (greatest - least) / median. */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export function loadName({ load, connections, payload_bytes, window, workers, io_uring = true }) {
  const size = payload_bytes % 1024 === 0 ? `${payload_bytes / 1024} KiB` : `${payload_bytes} B`;
  const words = [load, `${connections}c`];
  if (payload_bytes > 0) words.push(size);
  if (window > 0) words.push(`w${window}`);
  if (workers > 1) words.push(`×${workers}`);
  if (!io_uring) words.push('plain calls');
  return words.join(' ');
}

/**
 * One row: the runs of every server under one load, in the order in which they were interleaved.
 * A ratio is the median over the rounds of (the subject / this server, its neighbour in time): moods of the machine that
 * last longer than a round cancel out.
 */
export function summarize(load, runs, subject) {
  const row = { ...load, name: loadName(load), servers: {} };
  const cost = (run) => run.cpu_us_per_message;
  for (const [name, list] of Object.entries(runs)) {
    const middle = (value) => median(list.map(value));
    const sum = (value) => list.reduce((total, run) => total + value(run), 0);
    row.servers[name] = {
      us: middle(cost),
      apart_us: middle((run) => run.apart_us_per_message),
      spread: spread(list.map(cost)),
      ratio: runs[subject] ? median(list.map((run, i) => cost(runs[subject][i]) / cost(run))) : NaN,
      per_second: middle((run) => run.per_second),
      busy: middle((run) => run.server_busy),
      p99_us: middle((run) => run.p99_us),
      bytes: middle((run) => run.bytes_per_connection),
      faults: sum((run) => run.lost + run.out_of_order + run.doubled + run.misdirected + run.damaged),
      runs: list.length,
      disturbed: list.filter((run) => run.foreign_busy > disturbedBy).length,
    };
  }
  return row;
}

const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const digitsOf = (value) => (value < 1 ? 3 : value < 10 ? 2 : 1);

function printTable(head, lines) {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  for (const line of [head, rule, ...lines]) console.log(`| ${line.join(' | ')} |`);
}

/** What a message costs. `+`: of that which is counted apart (Redis). */
export function printLoads(rows, names, subject) {
  const others = names.filter((name) => name !== subject);
  const head = ['µs CPU per message', ...names, ...others.map((name) => `${subject} / ${name}`)];
  head.push('spread', 'disturbed', `${subject} /s`, 'p99 µs', 'busy');
  const cost = (server) => {
    if (!server) return '–';
    const own = number(server.us, digitsOf(server.us));
    return server.apart_us > 0 ? `${own} + ${number(server.apart_us, 2)}` : own;
  };
  printTable(
    head,
    rows.map((row) => {
      const all = Object.values(row.servers);
      const sum = (key) => all.reduce((total, server) => total + server[key], 0);
      const own = row.servers[subject];
      return [
        row.name,
        ...names.map((name) => cost(row.servers[name])),
        ...others.map((name) => number(row.servers[name]?.ratio, 2)),
        `${number(Math.max(...all.map((server) => server.spread)) * 100, 0)} %`,
        `${sum('disturbed')} of ${sum('runs')}`,
        number(own?.per_second, 0),
        number(own?.p99_us || NaN, 0),
        `${number(own?.busy * 100, 0)} %`,
      ];
    }),
  );
}

/** What clients cost by being there. */
export function printIdle(rows, names) {
  const row = rows.find(({ load }) => load === 'connect');
  if (!row) return;
  console.log('');
  printTable(
    ['', ...names],
    [[`bytes per idle connection, ${row.connections}c`, ...names.map((name) => number(row.servers[name]?.bytes, 0))]],
  );
}

function versionOf(program) {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).match(/\d+(\.\d+)+/)[0];
  } catch {
    return 'none';
  }
}

/** On what it was measured, and beside which versions. */
export function printMachine({ repetitions, seconds }, withPeers) {
  console.log(
    `\n${repetitions} rounds of ${seconds} s; ${cpus()[0]?.model}, ${cpus().length} cores, ` +
      `Linux ${release().match(/^[\d.]+/)}, load average at the end ${loadavg()[0].toFixed(1)}.`,
  );
  if (!withPeers) return;
  const { dependencies } = JSON.parse(readFileSync(new URL('../peers/package.json', import.meta.url)));
  const peers = Object.entries(dependencies).map(([name, version]) => `${name} ${version.replace(/^npm:.*@/, '')}`);
  console.log(`Peers: Node.js ${process.versions.node}, ${peers.join(', ')}, Redis ${versionOf('redis-server')}.`);
}
