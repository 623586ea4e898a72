// Two processes on one Redis that goes away, the talk inside and between them, and a witness of what Redis passed on.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { createClient } from 'redis';

import { until } from '../../support/waiting.mjs';
import { Device } from './device.mjs';
import { Talk, finish, linkOf } from './talk.mjs';
import { Program } from './program.mjs';
import { Redis } from './redis.mjs';

/** A saying is published as an event, and as a row of the history. */
const PUBLISHED_PER_SAYING = 2;
/** Killed Redis may have told the publisher and not the subscribers: so long before its death a message may be lost unseen. */
const LAST_WRITE_MS = 50;

const sizeOf = (pid) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

export class Pair {
  #redis;
  #programs = [];
  #witnessed = new Set(); // texts
  #deaths = [];
  #cuts = []; // clients that noticed something

  static async start(t) {
    const pair = new Pair();
    pair.#redis = await Redis.start(t);
    await pair.#witness(pair.#redis.path);
    for (const workers of [2, 2]) {
      const program = await Program.serve(['--no-supervisor', '--workers', workers, '--redis', pair.#redis.url, '--test-placement']);
      t.after(() => program.stop());
      pair.#programs.push(program);
    }
    await pair.#joined();
    const arrive = async (program, user, worker) => {
      const device = await Device.arrive(program, user, { transports: ['websocket'], worker });
      t.after(() => device.leave());
      device.socket.on('disconnect', (reason) => pair.#cuts.push(`${user}: ${reason}`));
      return device;
    };
    const [a, b] = pair.#programs;
    const [ada, amy] = [await arrive(a, 'ada', 0), await arrive(a, 'amy', 1)];
    const [ben, bob] = [await arrive(b, 'ben', 0), await arrive(b, 'bob', 1)];
    pair.inside = [new Talk('inside a', ada, amy, 'amy'), new Talk('inside b', ben, bob, 'bob')];
    pair.across = [new Talk('a to b', amy, ben, 'ben'), new Talk('b to a', bob, ada, 'ada')];
    return pair;
  }

  /** Hears what this Redis passes on from here to its death. */
  async #witness(path) {
    const client = createClient({ socket: { path, reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    await client.pSubscribe('socket.io#*', (message) => {
      const [text] = /(a to b|b to a) \d+/.exec(message) ?? [];
      if (text) this.#witnessed.add(text);
    });
  }

  links() {
    return Promise.all(this.#programs.map(linkOf));
  }

  #joined() {
    const stands = ({ state, nodes }) => state === 'up' && nodes === 1;
    return until(async () => (await this.links()).every(stands), 'both are up and know each other');
  }

  more(count, talks = [...this.inside, ...this.across]) {
    return Promise.all(talks.map((talk) => talk.more(count)));
  }

  /** Redis dies under traffic, is away for some of it, and comes back. */
  async outage() {
    await this.more(15);
    this.#deaths.push(performance.now());
    await this.#redis.kill();
    await until(async () => (await this.links()).every(({ state }) => state === 'down'), 'both have noticed');
    await this.more(15);
    await this.#redis.restart((path) => this.#witness(path));
    await this.#joined();
  }

  pause() {
    this.#redis.pause();
  }

  resume() {
    this.#redis.resume();
  }

  sizes() {
    return this.#programs.map(({ pid }) => sizeOf(pid));
  }

  /** Ends the talk and looks where every message is; answers the links. */
  async settle() {
    await this.more(15);
    await finish([...this.inside, ...this.across]);
    assert.deepEqual(this.#cuts, [], 'no client noticed anything');
    for (const talk of this.inside) talk.assertWhole();
    await until(async () => (await this.links()).every(({ waiting }) => waiting === 0), 'nothing waits');
    const links = await this.links();
    for (const [i, talk] of this.across.entries()) {
      await until(() => talk.heard().at(-1) === talk.said.at(-1).n, `the last of ${talk.name}`);
      assert.ok(talk.said.every(({ ok }) => ok), `${talk.name}: acknowledged, whatever Redis does`);
      talk.assertNothingDoubled();
      const said = talk.said.length + this.inside[i].said.length;
      assert.ok(links[i].published >= said * PUBLISHED_PER_SAYING, `${links[i].published} published for ${said} sayings`);
      this.#assertExplained(talk, links[i]);
    }
    return links;
  }

  /** What Redis passed on was lost to the receiver's own reconnect; the rest has to be in the sender's counters. */
  #assertExplained(talk, { dropped, unknown }) {
    const isLastWrite = ({ at }) => this.#deaths.some((death) => at >= death - LAST_WRITE_MS && at <= death);
    const unseen = talk.missed().filter((entry) => !this.#witnessed.has(`${talk.name} ${entry.n}`) && !isLastWrite(entry));
    assert.ok(unseen.length <= dropped + unknown,
      `${talk.name}: ${unseen.length} never reached Redis, ${dropped} dropped, ${unknown} unknown`);
  }
}
