// What was dispatched to every user, and whether each device of that user got it: exactly once, in each emitter's order,
// and nobody else got it.

import assert from 'node:assert/strict';

import { until } from '../../support/waiting.mjs';

/** What a process of Chorus tells its own clients by itself: it is not dispatched. */
const UNDISPATCHED = new Set(['welcome', 'presence', 'devices']);

/** An envelope { event, id, args } as a line. Of the chat's word on a room only the room: the list depends on the moment. */
export const lineOf = ({ event, id, args }) => JSON.stringify([event, id, args.room ?? args]);

/** The lines that a device heard. */
export const linesOf = (device) => device.heard.filter(({ event }) => !UNDISPATCHED.has(event)).map(lineOf);

/** The lines that are more often in `these` than in `those`. */
function surplus(these, those) {
  const counts = new Map();
  for (const line of those) counts.set(line, (counts.get(line) ?? 0) + 1);
  return these.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

export class Ledger {
  #devices = new Map();  // place and user, as a name → the device
  #users = new Map();    // device → user
  #lines = new Map();    // user → lines
  #inOrder = new Map();  // user and emitter → lines of theirs, no two equal

  /** What `device` hears is looked at; `name` says which it is. */
  watch(name, user, device) {
    assert.ok(!this.#devices.has(name), name);
    this.#devices.set(name, device);
    this.#users.set(device, user);
    if (!this.#lines.has(user)) this.#lines.set(user, []);
  }

  /** This was sent to all devices of the user `message.id`. With `emitter`: behind what that one sent before. */
  enter(message, emitter) {
    const line = lineOf(message);
    this.#lines.get(message.id).push(line);
    if (emitter === undefined) return;
    const key = JSON.stringify([message.id, emitter]);
    if (!this.#inOrder.has(key)) this.#inOrder.set(key, { user: message.id, emitter, lines: [] });
    this.#inOrder.get(key).lines.push(line);
  }

  /** When this returns, as many lines came to each device as were entered, or more. */
  async full() {
    for (const [name, device] of this.#devices) {
      const lines = this.#lines.get(this.#users.get(device));
      await until(() => linesOf(device).length >= lines.length, `all messages at ${name}`).catch((error) => {
        const missing = surplus(lines, linesOf(device));
        throw new Error(`${error.message}; missing are ${missing.length}, the first ${missing.slice(0, 3)}`);
      });
    }
  }

  /** Every device heard what was entered and nothing else. */
  check() {
    for (const [name, device] of this.#devices) {
      const user = this.#users.get(device);
      const heard = linesOf(device);
      const lines = this.#lines.get(user);
      const difference = { missing: surplus(lines, heard), tooMuch: surplus(heard, lines) };
      assert.deepEqual({ name, ...difference }, { name, missing: [], tooMuch: [] });
      for (const sent of this.#inOrder.values()) {
        if (sent.user !== user) continue;
        const ofEmitter = new Set(sent.lines);
        const what = `${name}: the order of ${sent.emitter}`;
        assert.deepEqual({ what, lines: heard.filter((line) => ofEmitter.has(line)) }, { what, lines: sent.lines });
      }
    }
  }
}
