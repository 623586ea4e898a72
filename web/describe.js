// What is known, put into the words and rows the page shows. Pure: time is an argument.

import { plural } from './format.js';
import { EVERYBODY, keyOf } from './state.js';

export const kindOf = (key) => (key === EVERYBODY ? 'everybody' : key.slice(0, 4));
/** The user on the other side of a direct conversation, else null. */
export const userOf = (key) => (kindOf(key) === 'user' ? key.slice('user:'.length) : null);
/** The room of a room's conversation, else null. */
export const roomOf = (key) => (kindOf(key) === 'room' ? key.slice('room:'.length) : null);

/** Devices say `here` since a chat may be served by several processes; each has workers of its own. */
export const isInThisProcess = ({ here = true }) => here;
export const placeOf = (device) =>
  isInThisProcess(device) ? `worker ${device.worker}` : `another process, worker ${device.worker}`;

export function nameOf(people, key) {
  if (key === EVERYBODY) return 'Everybody';
  return roomOf(key) ?? people.name(userOf(key));
}

/**
 * The rows of the list. `known` is { store, people, typing, outbox, rooms, opened }: `opened` holds the keys of direct
 * conversations that have no message yet.
 */
export function rowsOf(known, now) {
  const { store, people, rooms, opened } = known;
  const direct = new Set(opened);
  for (const key of store.keys()) if (userOf(key) !== null) direct.add(key);
  for (const { id } of people.online()) if (id !== store.me) direct.add(`user:${id}`);
  const newest = (row) => row.time ?? '';
  return {
    rooms: [EVERYBODY, ...rooms.toSorted().map((room) => keyOf({ room }))].map((key) => rowOf(known, key, now)),
    people: [...direct]
      .map((key) => rowOf(known, key, now))
      .sort((a, b) => newest(b).localeCompare(newest(a)) || b.online - a.online || a.name.localeCompare(b.name)),
  };
}

function rowOf({ store, people, typing, outbox }, key, now) {
  const kind = kindOf(key);
  const id = userOf(key);
  const last = outbox.visible(key).at(-1) ?? store.last(key);
  const typists = typing.active(key, now.getTime());
  const online = id !== null && people.devices(id) > 0;
  return {
    key,
    kind,
    id,
    online,
    name: nameOf(people, key),
    line: lineOf({ kind, last, typists, online, people, me: store.me }),
    typing: typists.length > 0,
    time: last?.time ?? null,
    unread: store.unread(key),
  };
}

function lineOf({ kind, last, typists, online, people, me }) {
  if (typists.length > 0) return kind === 'user' ? 'typing…' : `${people.name(typists[0])} is typing…`;
  if (!last)
    return { everybody: 'Say hello to all', room: 'Nothing said yet', user: online ? 'Online' : 'Offline' }[kind];
  // An entry of the outbox has no sender: it is the user's own.
  if (!last.from || last.from.id === me) return `You: ${last.text}`;
  return kind === 'user' ? last.text : `${people.name(last.from.id)}: ${last.text}`;
}

/** The head of a conversation, as view.js draws it. */
export function headOf({ people }, key, connected) {
  const kind = kindOf(key);
  const id = userOf(key);
  const devices = id === null ? 0 : people.devices(id);
  const about = {
    everybody: connected ? `${people.online().length} online` : 'Not connected',
    room: 'Room',
    user: devices > 0 ? `Online · ${plural(devices, 'device', 'devices')}` : 'Offline',
  }[kind];
  return { key, kind, id, name: nameOf(people, key), about, online: devices > 0, leavable: kind === 'room' };
}

export function emptyTextOf(key, name) {
  return {
    everybody: 'Whatever you say here reaches everybody, on every device.',
    room: 'Whatever you say here reaches everybody in this room.',
    user: `Only you and ${name} will read this.`,
  }[kindOf(key)];
}
