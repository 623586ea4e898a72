// RFC 6455 on the plain echo: message forms, control frames, limits, and the close codes for what is wrong.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';

import { startFixture } from '../support/fixture.mjs';
import { Peer, refusal } from '../support/peer.mjs';
import { RawConnection } from '../support/raw_http.mjs';

const fixture = await startFixture({ WORKERS: 2, WS_ECHO_MAX: 200_000 });
after(() => fixture.stop());

const url = `${fixture.wsUrl}/ws-echo`;

/** A masked frame (RFC 6455, 5.2); `first` is its first byte. */
function frame(first, payload, { masked = true } = {}) {
  const data = Buffer.from(payload);
  const mask = masked ? 0x80 : 0;
  const header = data.length < 126 ? Buffer.from([first, mask | data.length])
    : Buffer.from([first, mask | 126, data.length >> 8, data.length & 255]);
  if (!masked) return Buffer.concat([header, data]);
  const key = randomBytes(4);
  return Buffer.concat([header, key, data.map((byte, i) => byte ^ key[i % 4])]);
}

async function rawWebSocket() {
  const connection = await RawConnection.open(fixture);
  connection.write('GET /ws-echo HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  await connection.receive(/\r\n\r\n/);
  return connection;
}

/** The frames that came after the handshake's answer. */
const afterHandshake = (text) => Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');

async function assertClosedWith(code, ...frames) {
  const connection = await rawWebSocket();
  for (const each of frames) connection.write(each);
  const answer = afterHandshake(await connection.receiveAll());
  assert.deepEqual([answer[0], answer.readUInt16BE(2)], [0x88, code]);
}

describe('the echo', () => {
  test('answers the handshake as the standard has it', async () => {
    const connection = await rawWebSocket();
    assert.match(connection.text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(connection.text, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i);
    connection.close();
  });

  test('chooses no subprotocol and no extension', async () => {
    const connection = await RawConnection.open(fixture);
    connection.write('GET /ws-echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n');
    const [head] = await connection.receive(/^[^]*\r\n\r\n/);
    assert.doesNotMatch(head, /sec-websocket-(protocol|extensions)/i);
    connection.close();
  });

  test('returns every message with its type and at every length form', async () => {
    const peer = await Peer.open(url);
    for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
      peer.send('x'.repeat(size));
      assert.equal(await peer.next(), 'x'.repeat(size));
      const bytes = randomBytes(size);
      peer.send(bytes);
      assert.deepEqual(await peer.next(), bytes);
    }
    peer.close();
  });

  test('puts fragments together around control frames', async () => {
    const peer = await Peer.open(url);
    const pong = new Promise((resolve) => peer.socket.once('pong', (data) => resolve(data.toString())));
    peer.socket.send('fra', { fin: false });
    peer.socket.ping('between');
    peer.socket.send('gmen', { fin: false });
    peer.socket.send('ted', { fin: true });
    assert.equal(await pong, 'between');
    assert.equal(await peer.next(), 'fragmented');
    peer.close();
  });

  test('returns text whose characters are cut by fragments', async () => {
    const connection = await rawWebSocket();
    const bytes = Buffer.from('𝄞');
    connection.write(frame(0x01, bytes.subarray(0, 1)));
    connection.write(frame(0x00, bytes.subarray(1, 3)));
    connection.write(frame(0x80, bytes.subarray(3)));
    connection.write(frame(0x88, [0x03, 0xe8]));
    const answer = afterHandshake(await connection.receiveAll());
    assert.deepEqual(answer.subarray(0, 6), Buffer.concat([Buffer.from([0x81, 4]), bytes]));
  });

  test('answers a close with its code', async () => {
    for (const code of [1000, 1001, 3000, 4999]) {
      const peer = await Peer.open(url);
      peer.socket.close(code, 'bye');
      assert.equal((await peer.closed({ strict: true })).code, code);
    }
    const connection = await rawWebSocket();
    connection.write(frame(0x88, ''));
    assert.deepEqual(afterHandshake(await connection.receiveAll()), Buffer.from([0x88, 0]));
  });
});

describe('the connection is closed', () => {
  test('with 1009 by a message that is too large', async () => {
    for (const pieces of [[200_001], [100_000, 100_001]]) {
      const peer = await Peer.open(url);
      pieces.forEach((size, i) => peer.socket.send('x'.repeat(size), { fin: i === pieces.length - 1 }));
      assert.deepEqual(await peer.closed({ strict: true }), { code: 1009, reason: '' });
    }
  });

  test('with 1009 by a length alone, before the bytes came', async () => {
    const length = Buffer.alloc(14, 0xff);
    length.set([0x82, 0xff, 0x7f]);
    await assertClosedWith(1009, length);
  });

  test('with 1007 by text that is not UTF-8', async () => {
    await assertClosedWith(1007, frame(0x81, [0xff]));
    await assertClosedWith(1007, frame(0x81, [0xed, 0xa0, 0x80]));
    await assertClosedWith(1007, frame(0x01, 'ok'), frame(0x80, [0xc3]));
  });

  test('with 1007 at the first wrong byte, before the message ends', async () => {
    await assertClosedWith(1007, frame(0x01, [0x66, 0xff]));
  });

  test('with 1002 by frames that break the standard', async () => {
    await assertClosedWith(1002, frame(0x81, 'x', { masked: false }));
    await assertClosedWith(1002, frame(0xc1, 'x')); // a reserved bit
    await assertClosedWith(1002, frame(0x83, 'x')); // a reserved opcode
    await assertClosedWith(1002, frame(0x8b, 'x'));
    await assertClosedWith(1002, frame(0x80, 'x')); // a continuation of nothing
    await assertClosedWith(1002, frame(0x01, 'x'), frame(0x81, 'y')); // a message inside another
    await assertClosedWith(1002, frame(0x09, 'x')); // a fragmented ping
    await assertClosedWith(1002, frame(0x89, 'x'.repeat(126))); // a long ping
    await assertClosedWith(1002, frame(0x88, [3])); // half a code
    await assertClosedWith(1002, frame(0x88, [0x03, 0xed])); // 1005 is never sent
  });
});

test('a plain request is no WebSocket', async () => {
  const response = await fetch(`${fixture.url}/ws-echo`);
  await response.text();
  assert.ok(response.status >= 400, String(response.status));
  assert.ok((await refusal(`${fixture.wsUrl}/ws-echo/`)).status >= 400);
});
