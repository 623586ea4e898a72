// Engine.IO over polling, request by request, in either revision of its protocol.

import assert from 'node:assert/strict';

import { payloads } from './payload.mjs';
import { deadline } from './waiting.mjs';

export class PollingSession {
  static async open(fixture, { path = '/engine.io/', query = '', eio = 4 } = {}) {
    const base = `${fixture.url}${path}?EIO=${eio}&transport=polling`;
    const response = await fetch(base + query);
    const body = await response.text();
    assert.equal(response.status, 200, body);
    const session = new PollingSession();
    session.payload = payloads[eio];
    const [open] = session.payload.decode(body, response.headers.get('content-type'));
    assert.equal(open[0], '0', body);
    session.handshake = JSON.parse(open.slice(1));
    session.sid = session.handshake.sid;
    session.url = `${base}&sid=${session.sid}`;
    session.wsUrl = `${fixture.wsUrl}${path}?EIO=${eio}&transport=websocket&sid=${session.sid}`;
    session.response = response;
    return session;
  }

  /** The response of one poll. */
  get(options = {}) {
    return deadline(fetch(this.url, options), 'a poll');
  }

  /** The packets of one poll. */
  async poll() {
    const response = await this.get();
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, body.toString());
    return this.payload.decode(body, response.headers.get('content-type'));
  }

  /** Polls until `count` packets came. */
  async packets(count) {
    const all = [];
    while (all.length < count) all.push(...(await this.poll()));
    assert.equal(all.length, count, `more packets than expected: ${all}`);
    return all;
  }

  /** The response of one POST. */
  post(body, options = {}) {
    return deadline(fetch(this.url, { method: 'POST', body, ...options }), 'a POST');
  }

  async send(...packets) {
    const response = await this.post(this.payload.encode(packets));
    assert.deepEqual([response.status, await response.text()], [200, 'ok']);
  }

  /** Resolves when the server knows the session no more. */
  async assertEnded() {
    const response = await this.get();
    assert.deepEqual([response.status, await response.json()], [400, { code: 1, message: 'Session ID unknown' }]);
  }

  /** The same for one that may still owe a poll the news of its end. */
  async assertEnding() {
    const response = await this.get();
    const body = await response.text();
    if (response.status === 200) assert.equal(body, this.payload.encode(['1']));
    await this.assertEnded();
  }

  async assertAlive() {
    const poll = this.poll();
    await this.send('4still here');
    assert.deepEqual(await poll, ['4still here']);
  }
}

export const httpErrors = [
  { code: 0, message: 'Transport unknown' },
  { code: 1, message: 'Session ID unknown' },
  { code: 2, message: 'Bad handshake method' },
  { code: 3, message: 'Bad request' },
  { code: 4, message: 'Forbidden' },
  { code: 5, message: 'Unsupported protocol version' },
];

/** One of the fixed answers of an Engine.IO path. */
export async function assertRefused(response, code) {
  const body = await response.text();
  assert.equal(response.headers.get('content-type'), 'application/json', body);
  assert.deepEqual([response.status, JSON.parse(body)], [code === 4 ? 403 : 400, httpErrors[code]]);
}
