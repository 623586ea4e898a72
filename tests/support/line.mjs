// A way to a server that can be cut, and clients that are cut off.

import { once } from 'node:events';
import { connect as connectTo, createServer } from 'node:net';

import { until } from './waiting.mjs';

export class Line {
  #pairs = new Set();
  #last; // see breakAt()

  /** To this port of this machine; `line.url` in place of the server's. It is gone when the test is. */
  static async open(t, port) {
    const line = new Line();
    line.server = createServer((near) => {
      const far = connectTo(port, '127.0.0.1');
      const pair = { near, far };
      line.#pairs.add(pair);
      for (const [from, to] of [[near, far], [far, near]]) {
        from.on('data', (data) => {
          if (from === near || !line.#last || !data.includes(line.#last)) return void to.write(data);
          line.#last = undefined;
          line.cut();
        });
        from.on('error', () => {});
        from.on('close', () => pair.isDead || to.destroy());
      }
      far.on('close', () => line.#pairs.delete(pair));
    }).listen(0, '127.0.0.1');
    await once(line.server, 'listening');
    line.url = `http://127.0.0.1:${line.server.address().port}`;
    t.after(() => {
      line.server.close();
      line.cut();
    });
    return line;
  }

  /** All connections break; `quietly`: the server hears nothing of it, as when a phone leaves its network. */
  cut({ quietly = false } = {}) {
    for (const pair of this.#pairs) {
      pair.isDead = quietly;
      pair.near.destroy();
      if (!quietly) pair.far.destroy();
    }
  }

  /** Breaks, once, instead of passing on what the server says with `text` in it. */
  breakAt(text) {
    this.#last = text;
  }

  /** Nobody comes through until resume(). */
  pause() {
    this.server.close();
  }

  resume() {
    this.server.listen(Number(new URL(this.url).port), '127.0.0.1');
  }
}

/**
 * Cuts the line until the client notices: between two polls it has nothing that could break. A stock client whose
 * WebSocket breaks between its probe and its upgrade has paused its polls for good, and notices by the ping that it
 * misses: let the server's be frequent.
 */
export async function cutOff(line, client, options) {
  let gone = false;
  client.once('disconnect', () => (gone = true));
  await until(() => {
    if (!gone) line.cut(options);
    return gone;
  }, 'the cut to be noticed');
}
