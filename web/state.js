// What the page knows: messages by conversation, what was read, who is here. Pure: no DOM, no network, no clock of its
// own.

/** The most messages kept of one conversation; the oldest go first. */
export const THREAD_MAX = 2000;
/**
 * How far a catch-up reaches back behind the newest known message, in milliseconds. Messages of different workers may
 * arrive slightly out of order, so "after the newest" alone could pass one by; what is known already is merged by its
 * id.
 */
export const OVERLAP_MS = 5000;
/** How long a typing hint stands without being renewed, in milliseconds. */
export const TYPING_MS = 5000;

export const EVERYBODY = 'everybody';

/** The conversation a `to` addresses, as seen by its sender: `everybody`, `room:NAME` or `user:ID`. */
export function keyOf(to) {
  if (to && typeof to === 'object') {
    if (to.room !== undefined) return `room:${to.room}`;
    if (to.user !== undefined) return `user:${to.user}`;
  }
  return EVERYBODY;
}

/** The `to` for a conversation: the way back from `keyOf`. */
export function targetOf(key) {
  if (key.startsWith('room:')) return { room: key.slice(5) };
  if (key.startsWith('user:')) return { user: key.slice(5) };
  return EVERYBODY;
}

/**
 * The conversation an item (message or typing hint) belongs to for the user `me`: a direct one is named by the other
 * side.
 */
export function conversationOf(item, me) {
  const key = keyOf(item.to);
  return key.startsWith('user:') && item.from.id !== me ? `user:${item.from.id}` : key;
}

export function displayName(user) {
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ').trim();
  return name || user.id;
}

/** The messages, each once, in the order of their ids (which sort by time as strings). */
export class Store {
  #threads = new Map(); // key -> { list: message[] sorted by id, floor: id of the newest one let go }
  #ids = new Set();
  #read = new Map(); // key -> id of the newest message read
  #live = false; // false while there may be a gap between what is known and what is sent now
  #synced = null; // the newest message before which nothing is missing

  /** `read`: what an earlier `readState()` gave, so that a reload knows what is new. */
  constructor(me, read = null) {
    this.me = me;
    this.baseline = read?.baseline ?? null;
    for (const [key, id] of Object.entries(read?.read ?? {})) this.#read.set(key, id);
  }

  /** Adds what is not known yet; answers the messages that were new. */
  merge(messages) {
    const fresh = messages.filter((message) => this.#insert(message));
    if (this.#live) this.#advance(fresh);
    return fresh;
  }

  /** One page of history; unlike live messages it moves the point before which nothing is missing. */
  mergeHistory(messages) {
    const fresh = messages.filter((message) => this.#insert(message));
    this.#advance(messages);
    return fresh;
  }

  /** The link is gone: from now on something may be missing, until `endGap`. */
  beginGap() {
    this.#live = false;
  }

  /** The history was read to its end. The first time, all of it counts as read. */
  endGap() {
    this.#live = true;
    this.#advance([...this.#threads.values()].map((thread) => thread.list.at(-1)).filter(Boolean));
    if (this.baseline === null) this.baseline = this.#synced?.id ?? '';
  }

  /** The id to ask the history after, or null when there is nothing to lean on yet. */
  catchUpAfter() {
    if (!this.#synced) return null;
    const edge = Date.parse(this.#synced.time) - OVERLAP_MS;
    let older = null;
    let oldest = this.#synced.id;
    for (const { list } of this.#threads.values()) {
      if (list.length > 0 && list[0].id < oldest) oldest = list[0].id;
      const found = list.findLast((message) => message.id <= this.#synced.id && Date.parse(message.time) <= edge);
      if (found && (older === null || found.id > older)) older = found.id;
    }
    return older ?? oldest;
  }

  /** The newest id of all conversations, or '' when there is none. */
  newestId() {
    let newest = '';
    for (const { list } of this.#threads.values()) {
      if (list.length > 0 && list.at(-1).id > newest) newest = list.at(-1).id;
    }
    return newest;
  }

  has(id) {
    return this.#ids.has(id);
  }

  keys() {
    return [...this.#threads.keys()];
  }

  thread(key) {
    return this.#threads.get(key)?.list ?? [];
  }

  last(key) {
    return this.thread(key).at(-1) ?? null;
  }

  /** How many messages of others came after what was read. */
  unread(key) {
    return this.#unreadIn(key).length;
  }

  firstUnread(key) {
    return this.#unreadIn(key)[0]?.id ?? null;
  }

  totalUnread() {
    return this.keys().reduce((sum, key) => sum + this.unread(key), 0);
  }

  /** Answers whether that changed anything. */
  markRead(key) {
    const last = this.last(key);
    if (!last || (this.#read.get(key) ?? '') >= last.id) return false;
    this.#read.set(key, last.id);
    return true;
  }

  readState() {
    return { baseline: this.baseline, read: Object.fromEntries(this.#read) };
  }

  #unreadIn(key) {
    if (this.baseline === null) return [];
    const list = this.thread(key);
    let from = list.length;
    const read = this.#read.get(key) ?? '';
    // Whoever answers has read: an own message, from whichever device, ends the unread ones.
    while (
      from > 0 &&
      list[from - 1].id > read &&
      list[from - 1].id > this.baseline &&
      list[from - 1].from.id !== this.me
    ) {
      from -= 1;
    }
    return list.slice(from);
  }

  #insert(message) {
    if (this.#ids.has(message.id)) return false;
    const key = conversationOf(message, this.me);
    const thread = this.#threads.get(key) ?? { list: [], floor: '' };
    if (message.id <= thread.floor) return false;
    this.#threads.set(key, thread);
    const { list } = thread;
    let at = list.length;
    while (at > 0 && list[at - 1].id > message.id) at -= 1;
    list.splice(at, 0, message);
    this.#ids.add(message.id);
    if (list.length > THREAD_MAX) {
      const gone = list.shift();
      thread.floor = gone.id;
      this.#ids.delete(gone.id);
    }
    return true;
  }

  #advance(messages) {
    for (const message of messages) {
      if (!this.#synced || message.id > this.#synced.id) this.#synced = message;
    }
  }
}

/** Who is online, and the names of everybody ever seen. */
export class People {
  #online = new Map(); // id -> devices
  #names = new Map();

  setAll(users) {
    this.#online.clear();
    for (const user of users) {
      this.learn(user);
      this.#online.set(user.id, user.devices ?? 1);
    }
  }

  update({ user, online, devices }) {
    this.learn(user);
    if (online) this.#online.set(user.id, devices);
    else this.#online.delete(user.id);
  }

  learn(user) {
    this.#names.set(user.id, displayName(user));
  }

  name(id) {
    return this.#names.get(id) ?? id;
  }

  /** The number of devices; 0 is offline. */
  devices(id) {
    return this.#online.get(id) ?? 0;
  }

  /** The link is gone, so nobody is known to be here. */
  clearOnline() {
    this.#online.clear();
  }

  online() {
    return [...this.#online.keys()]
      .map((id) => ({ id, name: this.name(id), devices: this.devices(id) }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }
}

/** Who is typing where. Time is an argument. */
export class Typing {
  #hints = new Map(); // key -> Map(user id -> until)

  set(key, userId, typing, now) {
    const hints = this.#hints.get(key) ?? new Map();
    this.#hints.set(key, hints);
    if (typing) hints.set(userId, now + TYPING_MS);
    else hints.delete(userId);
  }

  /** The ids of those typing in `key` now. */
  active(key, now) {
    const hints = this.#hints.get(key);
    if (!hints) return [];
    for (const [userId, until] of hints) if (until <= now) hints.delete(userId);
    return [...hints.keys()];
  }

  /** Whether any hint was given that may still have to be taken off the screen. */
  any() {
    return [...this.#hints.values()].some((hints) => hints.size > 0);
  }

  clear() {
    this.#hints.clear();
  }
}
