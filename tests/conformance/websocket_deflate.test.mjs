// RFC 7692 on the plain echo and on raw Engine.IO, with `ws` as the client.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';

import { startFixture } from '../support/fixture.mjs';
import { Peer, refusal } from '../support/peer.mjs';
import { PollingSession } from '../support/polling.mjs';

const fixture = await startFixture({ WORKERS: 2, WS_ECHO_MAX: 200_000, PER_MESSAGE_DEFLATE: 1, MAX_HTTP_BUFFER_SIZE: 200_000 });
after(() => fixture.stop());

const echoUrl = `${fixture.wsUrl}/ws-echo`;
const engineUrl = `${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`;

const without = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

/** `ws` as it is: it offers `client_max_window_bits`, and deflates what it sends from `threshold` on. */
const deflating = (options = {}) => ({ perMessageDeflate: { threshold: 0, ...options } });

/** What `ws` itself makes of the answer. */
const agreed = (peer) => peer.upgradeHeaders['sec-websocket-extensions'];

/** Bytes that came over the wire while `action` ran. */
async function received(peer, action) {
  const before = peer.socket._socket.bytesRead;
  await action();
  return peer.socket._socket.bytesRead - before;
}

async function assertEchoes(peer, ...messages) {
  for (const message of messages) peer.send(message);
  for (const message of messages) assert.deepEqual(await peer.next(), message);
}

const words = (size) => 'one two three four five six seven '.repeat(Math.ceil(size / 34)).slice(0, size);

describe('permessage-deflate', () => {
  test('is agreed on without context, whatever else a client offers', async () => {
    const offers = [
      [{}, without],
      [{ serverNoContextTakeover: true, clientNoContextTakeover: true }, without],
      [{ serverMaxWindowBits: 10 }, `${without}; server_max_window_bits=10`],
      [{ serverMaxWindowBits: 8 }, `${without}; server_max_window_bits=8`],
      [{ clientMaxWindowBits: 9 }, `${without}; client_max_window_bits=9`],
    ];
    for (const [options, answer] of offers) {
      const peer = await Peer.open(echoUrl, deflating(options));
      assert.equal(agreed(peer), answer);
      await assertEchoes(peer, words(20_000), randomBytes(20_000), '', words(3000), words(3000));
      peer.close();
    }
  });

  test('is not used with who does not offer it', async () => {
    const peer = await Peer.open(echoUrl);
    assert.equal(agreed(peer), undefined);
    const bytes = await received(peer, () => assertEchoes(peer, words(20_000)));
    assert.ok(bytes > 20_000);
    peer.close();
  });

  test('is refused with 400 where the header is no list of extensions', async () => {
    const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' };
    assert.equal((await refusal(echoUrl, { headers })).status, 400);
  });

  test('makes what has 1024 bytes or more smaller, and leaves the rest', async () => {
    const peer = await Peer.open(echoUrl, deflating());
    for (const [size, least, most] of [[1023, 1023, 1030], [1024, 10, 200], [200_000, 100, 5000]]) {
      for (const message of [words(size), Buffer.from(words(size))]) {
        const bytes = await received(peer, () => assertEchoes(peer, message));
        assert.ok(bytes >= least && bytes <= most, `${size}: ${bytes} bytes`);
      }
    }
    peer.close();
  });

  test('carries every size in both directions', async () => {
    const peer = await Peer.open(echoUrl, deflating());
    for (const size of [0, 1, 125, 126, 1024, 4096, 65_535, 65_536, 199_999, 200_000]) {
      await assertEchoes(peer, words(size), randomBytes(size));
    }
    peer.close();
  });

  test('takes fragments, with control frames between them', async () => {
    const peer = await Peer.open(echoUrl, deflating());
    const pong = new Promise((resolve) => peer.socket.once('pong', (data) => resolve(data.toString())));
    peer.socket.send(words(2000), { fin: false });
    peer.socket.ping('between');
    peer.socket.send(words(1000), { fin: true });
    assert.equal(await pong, 'between');
    assert.equal(await peer.next(), words(2000) + words(1000));
    peer.close();
  });

  test('ends with 1009 what becomes too large, however small it was', async () => {
    for (const size of [200_001, 50_000_000]) {
      const peer = await Peer.open(echoUrl, deflating());
      peer.send(Buffer.alloc(size));
      assert.deepEqual(await peer.closed({ strict: true }), { code: 1009, reason: '' });
    }
  });

  test('ends with 1007 what is malformed, and what is no UTF-8', async () => {
    const broken = await Peer.open(echoUrl, deflating());
    // A frame that claims to be deflated: FIN, RSV1, text, masked by zeros.
    broken.socket._socket.write(Buffer.from([0xc1, 0x83, 0, 0, 0, 0, 0xff, 0xff, 0xff]));
    assert.equal((await broken.closed({ strict: true })).code, 1007);
    const peer = await Peer.open(echoUrl, deflating());
    peer.socket.send(Buffer.concat([Buffer.from(words(500)), Buffer.from([0xff])]), { binary: false });
    assert.equal((await peer.closed({ strict: true })).code, 1007);
  });

  test('is there for sessions, also for one that comes from polling', async () => {
    const direct = await Peer.open(engineUrl, deflating());
    await direct.next();
    const session = await PollingSession.open(fixture);
    const upgraded = await Peer.open(session.wsUrl, deflating());
    upgraded.send('2probe');
    assert.equal(await upgraded.next(), '3probe');
    upgraded.send('5');
    for (const peer of [direct, upgraded]) {
      assert.equal(agreed(peer), without);
      const bytes = await received(peer, () => assertEchoes(peer, `4${words(20_000)}`, Buffer.from(words(20_000))));
      assert.ok(bytes < 2000, `${bytes} bytes`);
      peer.close();
    }
  });
});
