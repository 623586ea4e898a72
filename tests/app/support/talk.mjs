// The ledger of a test with faults: who said what, with which answer, and who heard it.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../../support/waiting.mjs';

const PACE_MS = 4;

/** Numbered messages from one device to another user's, one after the other, until it is stopped. */
export class Talk {
  #running = true;
  #done;
  said = []; // { n, at, ok }: when it was said, whether it was acknowledged

  /** `name` must be nobody else's; `to` hears it as a device of `user`. */
  constructor(name, from, to, user) {
    Object.assign(this, { name, from, to, user });
    this.#done = this.#run();
  }

  async #run() {
    for (let n = 0; this.#running; n += 1) {
      const entry = { n, at: performance.now(), ok: false };
      this.said.push(entry);
      // Refused when the connection ends before the answer: that message may have been served or not, and is not said again.
      const answer = await this.from.ask('sendMessage', { text: `${this.name} ${n}`, to: { user: this.user } }).catch(() => {});
      entry.ok = answer?.ok === true;
      while (this.#running && !this.from.socket.connected) await pause(PACE_MS);
      await pause(PACE_MS);
    }
  }

  /** The numbers that `device` heard, in order. */
  heard(device = this.to) {
    const prefix = `${this.name} `;
    const texts = device.all('chat_message').map(({ text }) => text);
    return texts.filter((text) => text.startsWith(prefix)).map((text) => Number(text.slice(prefix.length)));
  }

  /** Resolves when `count` more were acknowledged. */
  async more(count) {
    const acknowledged = () => this.said.filter(({ ok }) => ok).length;
    const least = acknowledged() + count;
    await until(() => acknowledged() >= least, `${count} more of ${this.name}`);
  }

  async stop() {
    this.#running = false;
    await this.#done;
  }

  /** Of those that were acknowledged (and `matches`), what was not heard. */
  missed(matches = () => true) {
    const heard = new Set(this.heard());
    return this.said.filter((entry) => entry.ok && matches(entry) && !heard.has(entry.n));
  }

  assertNothingDoubled() {
    const heard = this.heard();
    heard.forEach((n, i) => assert.ok(i === 0 || n > heard[i - 1], `${this.name}: ${n} after ${heard[i - 1]}`));
  }

  /** Each once and in order. */
  assertWhole() {
    assert.ok(this.said.every(({ ok }) => ok), `${this.name}: not everything was acknowledged`);
    assert.deepEqual(this.heard(), this.said.map(({ n }) => n), this.name);
  }
}

/** Everything that was said is said, and heard if it ever will be, but for what is still on its way between processes. */
export async function finish(talks) {
  await Promise.all(talks.map((talk) => talk.stop()));
  for (const talk of talks) await talk.to.inStep();
}

/** What /healthz says of the link to Redis; fails when a message is in no counter, or in two. */
export async function linkOf(program) {
  const { redis } = (await program.get('/healthz')).body;
  const { published, confirmed, spooledSent, dropped, unknown, waiting } = redis;
  assert.equal(confirmed + spooledSent + dropped + unknown + waiting, published, JSON.stringify(redis));
  return redis;
}
