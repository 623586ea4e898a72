// The answers of polls, compressed: by which coding, from which size on, and not when a message says no.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';

import { startFixture } from '../support/fixture.mjs';
import { PollingSession } from '../support/polling.mjs';
import { RawConnection } from '../support/raw_http.mjs';

const fixture = await startFixture({ WORKERS: 2 });
after(() => fixture.stop());

/** A poll that answers `body`, with its headers in lower case and its bytes as they came. */
async function poll(server, message, accept) {
  const session = await PollingSession.open(server);
  await session.send(message);
  const connection = await RawConnection.open(server);
  const { pathname, search } = new URL(session.url);
  const header = accept === undefined ? '' : `Accept-Encoding: ${accept}\r\n`;
  connection.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n`);
  const text = await connection.receiveAll();
  const end = text.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(text.slice(0, end).split('\r\n').slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
  const body = Buffer.from(text.slice(end + 4), 'latin1');
  assert.equal(Number(headers['content-length']), body.length);
  return { headers, body };
}

const large = `4${'Привет, '.repeat(200)}`;
const bytes = `b${Buffer.alloc(1024, 'abc').toString('base64')}`;

async function assertPlain(server, message, accept) {
  const { headers, body } = await poll(server, message, accept);
  assert.equal(headers['content-encoding'], undefined, accept);
  assert.equal(body.toString(), message);
}

describe('the answer to a poll', () => {
  test('ES130 is compressed by gzip from 1024 bytes on', async () => {
    for (const message of [large, bytes]) {
      const { headers, body } = await poll(fixture, message, 'gzip, deflate');
      assert.equal(headers['content-encoding'], 'gzip');
      assert.equal(headers['content-type'], 'text/plain; charset=UTF-8');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(gunzipSync(body).toString(), message);
    }
  });

  test('ES131 is compressed by deflate when only that is accepted, or liked better', async () => {
    for (const accept of ['deflate', 'gzip;q=0.5, deflate;q=0.6', 'deflate, gzip', 'gzip;q=0, *']) {
      const { headers, body } = await poll(fixture, large, accept);
      assert.equal(headers['content-encoding'], 'deflate', accept);
      assert.equal(inflateSync(body).toString(), large);
    }
  });

  test('is not compressed for who does not accept it', async () => {
    for (const accept of [undefined, '', 'identity', 'br', 'gzip;q=0', '*;q=0']) await assertPlain(fixture, large, accept);
  });

  test('ES135 is not compressed below the threshold', async () => {
    await assertPlain(fixture, `4${'x'.repeat(1022)}`, 'gzip');
    const { headers } = await poll(fixture, `4${'x'.repeat(1023)}`, 'gzip');
    assert.equal(headers['content-encoding'], 'gzip');
  });

  test('ES133 is not compressed where that is turned off', async (t) => {
    const off = await startFixture({ WORKERS: 1, HTTP_COMPRESSION: 0 });
    t.after(() => off.stop());
    await assertPlain(off, large, 'gzip');
  });

  test('ES134 is not compressed when none of its messages may be', async () => {
    for (const compress of [true, false]) {
      const session = await PollingSession.open(fixture, { path: '/socket.io/' });
      await session.send('40/fx,');
      await session.poll();
      const args = [large];
      await session.send(`42/fx,${JSON.stringify(['op', { op: 'emit', event: 'a', compress, args }])}`);
      const response = await session.get({ headers: { 'Accept-Encoding': 'gzip' } });
      assert.equal(response.headers.get('content-encoding'), compress ? 'gzip' : null);
      assert.equal(await response.text(), `42/fx,${JSON.stringify(['a', ...args])}`);
    }
  });

  test('is read by a client that accepts it as if nothing were', async () => {
    const session = await PollingSession.open(fixture);
    await session.send(large);
    assert.deepEqual(await session.poll(), [large]);
  });
});
