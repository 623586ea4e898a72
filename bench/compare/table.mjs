// From runs to medians, ratios and a table.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How far the runs of one cell lie apart: (greatest - least) / median. */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export function loadName({ load, connections, payload_bytes, window }) {
  const size = payload_bytes % 1024 === 0 ? `${payload_bytes / 1024} KiB` : `${payload_bytes} B`;
  return `${load} ${connections}c ${size} w${window}`;
}

/**
 * One row: the runs of every server under one load, in the order in which they were interleaved.
 * A ratio is the median over the rounds of (this server / the base, its neighbour in time): moods of the machine that
 * last longer than a round cancel out.
 */
export function summarize(load, runs, base) {
  const row = { load: loadName(load), servers: {} };
  for (const [name, list] of Object.entries(runs)) {
    if (list.length === 0) continue;
    const cost = list.map((run) => run.cpu_us_per_message);
    const faults = list.map((run) => run.lost + run.out_of_order + run.doubled + run.misdirected + run.damaged);
    row.servers[name] = {
      us: median(cost),
      spread: spread(cost),
      ratio: runs[base]?.length === list.length ? median(cost.map((us, i) => us / runs[base][i].cpu_us_per_message)) : NaN,
      per_second: median(list.map((run) => run.per_second)),
      busy: median(list.map((run) => run.server_busy)),
      p99_us: median(list.map((run) => run.p99_us)),
      connect_us: median(list.map((run) => run.cpu_us_per_connect)),
      bytes: median(list.map((run) => run.bytes_per_connection)),
      faults: faults.reduce((sum, n) => sum + n, 0),
    };
  }
  return row;
}

const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export function print(rows, names, base) {
  const compared = names.filter((name) => name !== base);
  const head = ['load', ...names.map((name) => `${name} µs`), ...compared.map((name) => `${name} / ${base}`)];
  head.push('spread', ...compared.flatMap((name) => [`${name} /s`, 'p99 µs', 'busy']));
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '---:'))];
  for (const row of rows) {
    const cell = (name, key, digits) => number(row.servers[name]?.[key], digits);
    const widest = Math.max(...Object.values(row.servers).map((server) => server.spread));
    lines.push([
      row.load,
      ...names.map((name) => cell(name, 'us', 3)),
      ...compared.map((name) => cell(name, 'ratio', 2)),
      `${number(widest * 100, 0)} %`,
      ...compared.flatMap((name) => [
        cell(name, 'per_second', 0),
        cell(name, 'p99_us', 0),
        `${number(row.servers[name]?.busy * 100, 0)} %`,
      ]),
    ]);
  }
  for (const line of lines) console.log(`| ${line.join(' | ')} |`);
}
