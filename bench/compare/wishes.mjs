// What the command line of script/bench asks for: which loads, in which sizes, against which servers, how often.
import { parseArgs } from 'node:util';

/**
 * What a load is by default: members of a group, connections, and workers of the server. `words`: what the generator
 * calls it. `plain`: it has neither a size nor a window.
 */
const shapes = {
  connect: { group: 1, connections: 5000, workers: 1, plain: true },
  echo: { group: 1, connections: 1000, workers: 1 },
  ack: { group: 1, connections: 1000, workers: 1 },
  broadcast: { group: 1, connections: 1000, workers: [1, 2] },
  polling: { group: 1, connections: 1000, workers: 1, words: ['echo', '--transport', 'polling'] },
  rooms: { group: 10, connections: 1000, workers: 1 },
  users: { group: 3, connections: 900, workers: 2 },
  dispatch: { group: 3, connections: 900, workers: 2 },
};

const usage = (servers) => `script/bench [--quick] [--loads NAME,…] [--sizes BYTES,…] [--windows N,…] [--connections N] [--workers N]
    [--servers NAME,…] [--io-uring on|off] [--repetitions N] [--seconds S] [--json]
script/bench --install-peers      installs (npm) the servers of others that are shown beside Chorus

Measures the server's CPU time per delivered message, all servers in turn, and prints a table of ratios.

  --loads        connect, echo, ack, broadcast, polling (echo by one POST and one GET), rooms (of 10), users (with 3
                 devices), dispatch (users in the origin system's envelope, over several processes and Redis); all by
                 default
  --sizes        of the payload: 32,1024; with --quick 32
  --windows      messages in flight of each stream: 1,16; with --quick 1
  --connections  1000; in connect 5000, in users and dispatch 900
  --workers      threads of the server, in dispatch processes: 1; in users and dispatch 2; in broadcast both
  --io-uring     off: Chorus by plain calls, beside the floor with its ring: on
  --servers      ${servers.join(',')}; what is not installed is left out
  --repetitions  5; with --quick 3
  --seconds      of each measuring window: 3; with --quick 1

It ends with status 1 when a message went astray. Method, and how to read the table: bench/README.md.`;

class Refusal extends Error {}

function names(text, known, what) {
  const list = text.split(',');
  for (const name of list) if (!known.includes(name)) throw new Refusal(`"${name}" is no ${what}`);
  return list;
}

function numbers(name, text) {
  return text.split(',').map((word) => {
    const value = Number(word);
    if (!(value > 0)) throw new Refusal(`${name}: "${word}" is no number above 0`);
    return value;
  });
}

/** Users come by threes, rooms have ten. A dispatched text is the server's own and has no size. */
function matrix(loads, sizes, windows, { connections, workers, io_uring }) {
  const list = [];
  for (const load of loads) {
    const shape = shapes[load];
    const common = {
      load,
      words: shape.words ?? [load],
      connections: Math.max(1, Math.floor((connections ?? shape.connections) / shape.group)) * shape.group,
      io_uring,
    };
    for (const threads of [workers ?? shape.workers].flat())
      for (const payload_bytes of shape.plain || load === 'dispatch' ? [0] : sizes)
        for (const window of shape.plain ? [0] : windows)
          list.push({ ...common, workers: threads, payload_bytes, window });
  }
  return list;
}

function read(servers) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const options = { help: { ...flag, short: 'h' }, quick: flag, json: flag };
  for (const name of ['loads', 'sizes', 'windows', 'connections', 'workers', 'servers', 'io-uring', 'repetitions', 'seconds'])
    options[name] = text;
  const { values: wish } = parseArgs({ options });
  if (wish.help) return { help: true };
  const one = (name, fallback) => (wish[name] === undefined ? fallback : numbers(`--${name}`, wish[name])[0]);
  const loads = names(wish.loads ?? Object.keys(shapes).join(), Object.keys(shapes), 'load');
  const io_uring = names(wish['io-uring'] ?? 'on', ['on', 'off'], 'state of io_uring')[0] === 'on';
  const sizes = numbers('--sizes', wish.sizes ?? (wish.quick ? '32' : '32,1024'));
  const windows = numbers('--windows', wish.windows ?? (wish.quick ? '1' : '1,16'));
  return {
    matrix: matrix(loads, sizes, windows, { connections: one('connections'), workers: one('workers'), io_uring }),
    servers: names(wish.servers ?? servers.join(), servers, 'server'),
    repetitions: one('repetitions', wish.quick ? 3 : 5),
    seconds: one('seconds', wish.quick ? 1 : 3),
    json: wish.json,
  };
}

/** { matrix, servers, repetitions, seconds, json }. Ends the process where there is nothing to measure. */
export function readWishes(servers) {
  try {
    const wish = read(servers);
    if (!wish.help) return wish;
    console.log(usage(servers));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof Refusal) && !error.code?.startsWith('ERR_PARSE_ARGS')) throw error;
    console.error(`script/bench: ${error.message}\n\n${usage(servers)}`);
    process.exit(2);
  }
}
