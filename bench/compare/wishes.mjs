// What the command line of script/bench asks for: which loads, in which sizes, against which servers, how often.
import { parseArgs } from 'node:util';

const one = { workers: 1, io_uring: 'auto' };
const two = { workers: 2, io_uring: 'auto' };
const oneWithout = { workers: 1, io_uring: 'off' };

/**
 * What a load is by default: members of a group, connections, and in which variants of the server it is a row. `words`:
 * what the generator calls it. `plain`: it has neither a size nor a window. `rate`: an open loop, whose latency counts.
 * `beside`: what a second generator does meanwhile.
 */
const shapes = {
  connect: { group: 1, connections: 5000, variants: [one], plain: true },
  echo: { group: 1, connections: 1000, variants: [one, oneWithout] },
  ack: { group: 1, connections: 1000, variants: [one] },
  broadcast: { group: 1, connections: 1000, variants: [one, two, oneWithout] },
  polling: { group: 1, connections: 1000, variants: [one], words: ['echo', '--transport', 'polling'] },
  rooms: { group: 10, connections: 1000, variants: [one] },
  users: { group: 3, connections: 900, variants: [two] },
  dispatch: { group: 3, connections: 900, variants: [two] },
  latency: { group: 1, connections: 1000, variants: [one], words: ['echo'], rate: 10_000 },
  crowd: {
    group: 1,
    connections: 1000,
    variants: [one],
    words: ['echo'],
    rate: 1000,
    beside: ['rooms', '--connections', '5000', '--group-size', '5000', '--rate', '10'],
  },
};

const others = (servers, usual) => servers.filter((name) => !usual.includes(name)).join(',');
const usage = (servers, usual) => `script/bench [--quick] [--loads NAME,…] [--sizes BYTES,…] [--windows N,…] [--connections N] [--workers N,…]
    [--io-uring auto,off] [--rate N] [--servers NAME,…] [--repetitions N] [--seconds S] [--json]
script/bench --install-peers      installs (npm) the servers of others that are shown beside Chorus

Measures the server's CPU time per delivered message, all servers in turn, and prints a table of ratios; then latencies.

  --loads        connect, echo, ack, broadcast, polling (echo by one POST and one GET), rooms (of 10), users (with 3
                 devices), dispatch (users in the origin system's envelope, over several processes and Redis); and with
                 a fixed number of messages per second: latency (echo), crowd (echo, while a room of 5000 is spoken to
                 ten times a second); all by default
  --sizes        of the payload: 32,1024; with --quick 32; in latency and crowd the first
  --windows      messages in flight of each stream: 1,16; with --quick 1
  --connections  1000; in connect 5000, in users and dispatch 900
  --workers      threads of the server, in dispatch processes: 1; in users and dispatch 2, in broadcast 1 and 2
  --io-uring     of Chorus, auto or off: auto; in echo and broadcast both. The floor always has it
  --rate         messages per second: in latency 10000, in crowd 1000
  --servers      ${usual.join(',')}; what is not installed is left out. Also: ${others(servers, usual)}
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

/** The variants of a load, or of what of them is left to choose, each once. */
function variantsOf(shape, workers, ioUring) {
  const list = shape.variants.flatMap((variant) =>
    (workers ?? [variant.workers]).flatMap((workers) =>
      (ioUring ?? [variant.io_uring]).map((io_uring) => ({ workers, io_uring })),
    ),
  );
  const key = ({ workers, io_uring }) => `${workers} ${io_uring}`;
  return [...new Map(list.map((variant) => [key(variant), variant])).values()];
}

/** Users come by threes, rooms have ten. A dispatched text is the server's own and has no size. */
function matrix(loads, sizes, windows, { connections, workers, ioUring, rate }) {
  const list = [];
  for (const load of loads) {
    const shape = shapes[load];
    const common = {
      load,
      words: shape.words ?? [load],
      beside: shape.beside,
      connections: Math.max(1, Math.floor((connections ?? shape.connections) / shape.group)) * shape.group,
      rate: shape.rate && (rate ?? shape.rate),
    };
    const ownSizes = shape.plain || load === 'dispatch' ? [0] : shape.rate ? sizes.slice(0, 1) : sizes;
    for (const variant of variantsOf(shape, workers, ioUring))
      for (const payload_bytes of ownSizes)
        for (const window of shape.plain || shape.rate ? [0] : windows)
          list.push({ ...common, ...variant, payload_bytes, window });
  }
  return list;
}

/** { matrix, servers, repetitions, seconds, json }, or { help }. Throws Refusal, or what parseArgs throws. */
export function wishesIn(args, servers, usual = servers) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const options = { help: { ...flag, short: 'h' }, quick: flag, json: flag };
  const withValue = ['loads', 'sizes', 'windows', 'connections', 'workers', 'io-uring', 'rate', 'servers'];
  for (const name of [...withValue, 'repetitions', 'seconds']) options[name] = text;
  const { values: wish } = parseArgs({ args, options });
  if (wish.help) return { help: true };
  const first = (name, fallback) => (wish[name] === undefined ? fallback : numbers(`--${name}`, wish[name])[0]);
  const loads = names(wish.loads ?? Object.keys(shapes).join(), Object.keys(shapes), 'load');
  const sizes = numbers('--sizes', wish.sizes ?? (wish.quick ? '32' : '32,1024'));
  const windows = numbers('--windows', wish.windows ?? (wish.quick ? '1' : '1,16'));
  return {
    matrix: matrix(loads, sizes, windows, {
      connections: first('connections'),
      workers: wish.workers && numbers('--workers', wish.workers),
      ioUring: wish['io-uring'] && names(wish['io-uring'], ['auto', 'off'], 'choice of --io-uring'),
      rate: first('rate'),
    }),
    servers: names(wish.servers ?? usual.join(), servers, 'server'),
    repetitions: first('repetitions', wish.quick ? 3 : 5),
    seconds: first('seconds', wish.quick ? 1 : 3),
    json: wish.json,
  };
}

/** What this process was asked for; ends it where there is nothing to measure. */
export function readWishes(servers, usual) {
  try {
    const wish = wishesIn(process.argv.slice(2), servers, usual);
    if (!wish.help) return wish;
    console.log(usage(servers, usual));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof Refusal) && !error.code?.startsWith('ERR_PARSE_ARGS')) throw error;
    console.error(`script/bench: ${error.message}\n\n${usage(servers, usual)}`);
    process.exit(2);
  }
}
