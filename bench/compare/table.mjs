// From runs to medians, ratios and tables.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

/** What can become of a message that goes astray, as the generator counts it. */
export const faultNames = ['lost', 'out_of_order', 'doubled', 'misdirected', 'damaged'];

const quantileNames = ['p50_us', 'p99_us', 'p999_us', 'max_us'];
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

export function loadName({ load, connections, payload_bytes, window, workers, io_uring, rate }) {
  const size = payload_bytes % 1024 === 0 ? `${payload_bytes / 1024} KiB` : `${payload_bytes} B`;
  const words = [load, `${connections}c`];
  if (payload_bytes > 0) words.push(size);
  if (window > 0) words.push(`w${window}`);
  if (rate > 0) words.push(`${rate}/s`);
  if (workers > 1) words.push(`×${workers}`);
  if (io_uring === 'off') words.push('no io_uring');
  return words.join(' ');
}

/**
 * One row: the runs of every server under one load, in the order in which they were interleaved. What is held against
 * each other is the cost of a message; in an open loop, where the load is what it is, the latency.
 * A ratio is the median over the rounds of (the subject / this server, its neighbour in time): moods of the machine that
 * last longer than a round cancel out.
 */
export function summarize(load, runs, subject) {
  const row = { ...load, name: loadName(load), servers: {} };
  const cost = (run) => (load.rate ? run.latency.p99_us : run.cpu_us_per_message);
  for (const [name, list] of Object.entries(runs)) {
    const middle = (value) => median(list.map(value));
    const sum = (value) => list.reduce((total, run) => total + value(run), 0);
    const quantiles = (of) => Object.fromEntries(quantileNames.map((key) => [key, middle((run) => of(run)[key])]));
    row.servers[name] = {
      us: middle(cost),
      apart_us: middle((run) => run.apart_us_per_message),
      spread: spread(list.map(cost)),
      ratio: runs[subject] ? median(list.map((run, i) => cost(runs[subject][i]) / cost(run))) : NaN,
      per_second: middle((run) => run.per_second),
      busy: middle((run) => run.server_busy),
      latency: quantiles((run) => run.latency),
      in_server: list.every((run) => run.in_server) ? quantiles((run) => run.in_server) : undefined,
      late_p99_us: middle((run) => run.late.p99_us),
      bytes: middle((run) => run.bytes_per_connection),
      left: middle((run) => run.memory_left),
      faults: sum((run) => faultNames.reduce((total, fault) => total + run[fault], 0)),
      runs: list.length,
      disturbed: list.filter((run) => run.foreign_busy > disturbedBy).length,
    };
  }
  return row;
}

const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const percent = (share) => (Number.isFinite(share) ? `${number(share * 100, 0)} %` : '–');
const digitsOf = (value) => (value < 1 ? 3 : value < 10 ? 2 : 1);

function printTable(head, lines) {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  for (const line of [head, rule, ...lines]) console.log(`| ${line.join(' | ')} |`);
}

/** How far a row is to be trusted: its spread, and its disturbed runs. */
function trust(row) {
  const all = Object.values(row.servers);
  const sum = (key) => all.reduce((total, server) => total + server[key], 0);
  return [
    percent(Math.max(...all.map((server) => server.spread))),
    `${sum('disturbed')} of ${sum('runs')}`,
  ];
}

/** What a message costs. `+`: of that which is counted apart (Redis). */
export function printLoads(rows, names, subject) {
  if (rows.length === 0) return;
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
      const own = row.servers[subject];
      return [
        row.name,
        ...names.map((name) => cost(row.servers[name])),
        ...others.map((name) => number(row.servers[name]?.ratio, 2)),
        ...trust(row),
        number(own?.per_second, 0),
        number(own?.latency.p99_us || NaN, 0),
        percent(own?.busy),
      ];
    }),
  );
}

/** How long a message takes in an open loop, as clients see it, and the subject itself. Ratios are those of the 99th percentile. */
export function printLatencies(rows, names, subject) {
  if (rows.length === 0) return;
  const others = names.filter((name) => name !== subject);
  const head = ['µs p50 / p99 / p99.9 / max', ...names, ...others.map((name) => `p99: ${subject} / ${name}`)];
  head.push('spread', 'disturbed', 'sent late, p99', `in ${subject}`);
  const latency = (times) => (times ? quantileNames.map((key) => number(times[key], 0)).join(' / ') : '–');
  console.log('');
  printTable(
    head,
    rows.map((row) => [
      row.name,
      ...names.map((name) => latency(row.servers[name]?.latency)),
      ...others.map((name) => number(row.servers[name]?.ratio, 2)),
      ...trust(row),
      number(row.servers[subject]?.late_p99_us, 0),
      latency(row.servers[subject]?.in_server),
    ]),
  );
}

/** What clients cost by being there. */
export function printIdle(rows, names) {
  const row = rows.find(({ load }) => load === 'connect');
  if (!row) return;
  console.log('');
  printTable(
    ['', ...names],
    [
      [`bytes per idle connection, ${row.connections}c`, ...names.map((name) => number(row.servers[name]?.bytes, 0))],
      ['memory more than at first, 2 s after they left', ...names.map((name) => percent(row.servers[name]?.left))],
    ],
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
