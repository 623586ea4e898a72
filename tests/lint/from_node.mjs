// Holds docs/from-node.md against the packages that it compares with: each public member of socket.io's classes, of its
// engine's and adapter's, each option and each event has its name in the first column of a table there.
//
//   node tests/lint/from_node.mjs [PAGE]        ends with 1 and a line for each name that has no row
//
// Not looked for: what TypeScript calls private or protected, and names that begin with `_`, which socket.io uses for
// what is public for its other files only. All else that has no row stands in `left_out`, with the reason.

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const page = process.argv[2] ?? fileURLToPath(new URL('../../docs/from-node.md', import.meta.url));

/** A file of a package, whatever its package.json exports. */
function read(name, path) {
  for (const folder of require.resolve.paths(name)) {
    try {
      return readFileSync(join(folder, name, path), 'utf8');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is not installed: npm ci in tests/`);
}

/** The public members of a class or an interface in a declaration file. */
function members(name, path, type) {
  const text = read(name, path).replace(/\/\*[^]*?\*\//g, '');
  const body = new RegExp(`(?:class|interface) ${type}\\b[^]*?\\{\\n([^]*?)\\n\\}`).exec(text);
  const found = [...(body?.[1] ?? '').matchAll(/^ {4}((?:[a-z]+ )*)([A-Za-z]\w*)\??[(<:;]/gm)]
    .filter(([, modifiers, member]) => !/private|protected/.test(modifiers) && member !== 'constructor')
    .map(([, , member]) => member);
  return [...new Set(found)];
}

/** The events that a file's code emits, in its own words. */
const events = (name, path) =>
  [...read(name, path).replace(/^\s*(\/?\*|\/\/).*$/gm, '').matchAll(/\bthis(?:\.sockets)?\.emit(?:Reserved)?\("([\w-]+)"/g)].map(([, event]) => event);

const emitter = Object.getOwnPropertyNames(EventEmitter.prototype).filter((name) => !name.startsWith('_') && name !== 'constructor');

const [server, namespace, socket] = ['Server', 'Namespace, and whom an emit is for', 'Socket'];
const held = [
  { what: 'options of Server', at: ['Options of `new Server(...)`'], names: [
    ...members('socket.io', 'dist/index.d.ts', 'ServerOptions'), ...members('engine.io', 'build/server.d.ts', 'ServerOptions'),
    ...members('engine.io', 'build/server.d.ts', 'AttachOptions')] },
  { what: 'Server', at: [server, namespace], names: members('socket.io', 'dist/index.d.ts', 'Server') },
  { what: 'Server, events', at: [server, namespace], names: events('socket.io', 'dist/index.js') },
  { what: 'Namespace', at: [namespace], names: members('socket.io', 'dist/namespace.d.ts', 'Namespace') },
  { what: 'Namespace, events', at: [namespace], names: events('socket.io', 'dist/namespace.js') },
  { what: 'ParentNamespace', at: [namespace], names: members('socket.io', 'dist/parent-namespace.d.ts', 'ParentNamespace') },
  { what: 'BroadcastOperator', at: [namespace], names: members('socket.io', 'dist/broadcast-operator.d.ts', 'BroadcastOperator') },
  { what: 'Socket', at: [socket], names: members('socket.io', 'dist/socket.d.ts', 'Socket') },
  { what: 'Socket, events', at: [socket], names: events('socket.io', 'dist/socket.js') },
  { what: 'Socket as an EventEmitter', at: [socket], names: emitter },
  { what: 'Client', at: [socket], names: members('socket.io', 'dist/client.d.ts', 'Client') },
  { what: 'Handshake', at: ['`socket.handshake`'], names: members('socket.io', 'dist/socket-types.d.ts', 'Handshake') },
  { what: 'RemoteSocket', at: ['`RemoteSocket`'], names: members('socket.io', 'dist/broadcast-operator.d.ts', 'RemoteSocket') },
  { what: 'engine Server', at: ['`io.engine`'], names: [
    ...members('engine.io', 'build/server.d.ts', 'BaseServer'), ...members('engine.io', 'build/server.d.ts', 'Server')] },
  { what: 'engine Server, events', at: ['`io.engine`'], names: events('engine.io', 'build/server.js') },
  { what: 'engine Socket', at: ['`socket.conn`'], names: members('engine.io', 'build/socket.d.ts', 'Socket') },
  { what: 'engine Socket, events', at: ['`socket.conn`'], names: events('engine.io', 'build/socket.js') },
  { what: 'Adapter', at: ['The adapter'], names: members('socket.io-adapter', 'dist/in-memory-adapter.d.ts', 'Adapter') },
  { what: 'Adapter, events', at: ['The adapter'], names: events('socket.io-adapter', 'dist/in-memory-adapter.js') },
];

const left_out = {
  'Server: encoder': 'writes packets; there is no parser of one\'s own',
  'engine Server: upgrades': 'the names that a handshake announces: the option `transports` says them',
  'engine Server: errors': 'constants of the protocol; their numbers are in ConnectionError::code',
  'engine Server: errorMessages': 'the texts of these; they are in ConnectionError::message',
  'engine Server, events: close': 'of the WebSocket server that it makes for itself',
  'engine Server, events: finish': 'of the answer to a WebSocket\'s request, which it makes for middlewares',
  'Adapter: nsp': 'whose it is, for one who writes an adapter',
  'Adapter: init': 'called by the server, for one who writes an adapter',
  'Adapter: close': 'called by the server, for one who writes an adapter',
};

/** The names in the first cells of each section's tables: what begins a code span, or stands behind a dot or a quote. */
function rows(text) {
  const sections = {};
  let names;
  for (const line of text.split('\n')) {
    const title = /^##+ (.*)/.exec(line)?.[1];
    if (title) sections[title] = names = new Set();
    if (!names || !line.startsWith('| ')) continue;
    for (const [, code] of line.split(/(?<!\\) \| /)[0].matchAll(/`([^`]+)`/g))
      for (const [, name] of code.matchAll(/(?:^|[.")]|await )([A-Za-z][\w-]*)/g)) names.add(name);
  }
  return sections;
}

const sections = rows(readFileSync(page, 'utf8'));
const problems = [];
let looked = 0;
for (const { what, at, names } of held) {
  if (names.length === 0) problems.push(`${what}: nothing found in the package`);
  for (const title of at) if (!sections[title]) problems.push(`${what}: the page has no section "${title}"`);
  for (const name of new Set(names)) {
    const key = `${what}: ${name}`;
    const known = at.some((title) => sections[title]?.has(name));
    looked += 1;
    if (!known && !left_out[key]) problems.push(`${key}: no row in "${at.join('", "')}"`);
  }
}
const all = new Set(held.flatMap(({ what, names }) => names.map((name) => `${what}: ${name}`)));
for (const key of Object.keys(left_out)) if (!all.has(key)) problems.push(`${key}: left out, but not in the package`);

for (const problem of problems) console.log(problem);
console.log(`${looked} names, ${problems.length} wrong`);
process.exit(problems.length ? 1 : 0);
