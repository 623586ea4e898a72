// Engine.IO v4, "Handshake": who gets a session, and with which words the others are refused.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { fast, startFixture } from '../support/fixture.mjs';
import { Peer, refusal } from '../support/peer.mjs';
import { assertRefused, httpErrors, PollingSession } from '../support/polling.mjs';
import { exchange } from '../support/raw_http.mjs';

const fixture = await startFixture(fast);
after(() => fixture.stop());

const polling = `${fixture.url}/engine.io/?EIO=4&transport=polling`;
const websocket = `${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`;

const expectedHandshake = { pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 };

describe('a polling handshake', () => {
  test('ES25 ES26 ES28 ES33 is answered with the open packet', async () => {
    const session = await PollingSession.open(fixture);
    const { sid, ...rest } = session.handshake;
    assert.match(sid, /^[\w-]{20,}$/);
    assert.deepEqual(rest, { upgrades: ['websocket'], ...expectedHandshake });
    const { headers } = session.response;
    assert.equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(Number(headers.get('content-length')), `0${JSON.stringify(session.handshake)}`.length);
  });

  test('gives every session an id of its own', async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => PollingSession.open(fixture)));
    assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 50);
  });

  test('ES2 ES9 without a known transport is refused with code 0', async () => {
    for (const query of ['EIO=4', 'EIO=4&transport=', 'EIO=4&transport=abc', 'EIO=4&transport=constructor',
      'EIO=4&transport=__proto__', 'EIO=4&transport=webtransport', 'transport=tobi&EIO=abc']) {
      await assertRefused(await fetch(`${fixture.url}/engine.io/?${query}`), 0);
    }
  });

  test('ES39 by another method than GET is refused with code 2', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      await assertRefused(await fetch(polling, { method }), 2);
    }
    const head = await fetch(polling, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [400, '']);
  });

  test('ES37 for a WebSocket that is none is refused with code 3', async () => {
    await assertRefused(await fetch(polling.replace('polling', 'websocket')), 3);
  });

  test('refused by the program has code 4', async () => {
    await assertRefused(await fetch(`${polling}&deny=1`), 4);
    await assertRefused(await fetch(`${polling}&deny`), 4);
  });

  test('of another protocol version is refused with code 5', async () => {
    for (const version of ['', 'EIO=', 'EIO=3', 'EIO=5', 'EIO=abc', 'EIO=4.0', 'EIO=04']) {
      await assertRefused(await fetch(`${fixture.url}/engine.io/?transport=polling&${version}`), 5);
    }
  });

  test('is refused by the first thing that is wrong', async () => {
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=abc&deny=1`, { method: 'POST' }), 0);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling&sid=x`, { method: 'POST' }), 1);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling`, { method: 'POST' }), 2);
  });

  test('with an origin that no header may have is refused before it is looked at', async () => {
    const answer = await exchange(fixture,
      'GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nOrigin: a\x01b\r\nConnection: close\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 400 [^]*\r\n\r\n$/);
  });
});

describe('a request with a session id', () => {
  test('that nobody has is refused with code 1', async () => {
    for (const sid of ['abc', 'A'.repeat(20), 'A'.repeat(32), '%00', '__proto__', 'x'.repeat(500)]) {
      await assertRefused(await fetch(`${polling}&sid=${sid}`), 1);
      await assertRefused(await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: '4hi' }), 1);
    }
  });

  test('that is empty is one without', async () => {
    const answer = await fetch(`${polling}&sid=`);
    assert.match(await answer.text(), /^0{"sid":"[\w-]{32}"/);
    await assertRefused(await fetch(`${polling}&sid=`, { method: 'POST', body: '4hi' }), 2);
  });

  test('of the other Engine.IO server is refused with code 1', async () => {
    const { sid } = await PollingSession.open(fixture, { path: '/socket.io/' });
    await assertRefused(await fetch(`${polling}&sid=${sid}`), 1);
    assert.equal((await refusal(`${websocket}&sid=${sid}`).catch(() => ({ status: 101 }))).body, httpErrors[1].message);
  });

  test('with a changed character is refused with code 1', async () => {
    const { sid } = await PollingSession.open(fixture);
    for (let i = 0; i < sid.length; ++i) {
      const changed = sid.slice(0, i) + (sid[i] === 'A' ? 'B' : 'A') + sid.slice(i + 1);
      await assertRefused(await fetch(`${polling}&sid=${changed}`, { method: 'POST', body: '3' }), 1);
    }
  });

  test('ES34 but another transport is refused with code 3', async () => {
    const session = await PollingSession.open(fixture);
    await assertRefused(await fetch(session.url.replace('polling', 'websocket')), 3);
    await session.assertAlive();
    const peer = await Peer.open(websocket);
    const { sid } = JSON.parse((await peer.next()).slice(1));
    await assertRefused(await fetch(`${polling}&sid=${sid}`), 3);
    peer.close();
  });

  test('and an odd method gets 500 without a body', async () => {
    const session = await PollingSession.open(fixture);
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const response = await session.get({ method });
      assert.deepEqual([response.status, await response.text()], [500, '']);
    }
  });
});

describe('a WebSocket handshake', () => {
  test('ES29 ES30 is answered with the open packet, which offers no upgrade', async () => {
    const peer = await Peer.open(websocket);
    const packet = await peer.next();
    assert.equal(packet[0], '0');
    const { sid, ...rest } = JSON.parse(packet.slice(1));
    assert.match(sid, /^[\w-]{20,}$/);
    assert.deepEqual(rest, { upgrades: [], ...expectedHandshake });
    assert.equal(peer.upgradeHeaders['sec-websocket-protocol'], undefined);
    assert.equal(peer.upgradeHeaders['sec-websocket-extensions'], undefined);
    peer.close();
  });

  test('ES5 ES10 that is wrong gets status 400, the bare message, and the end of the connection', async () => {
    const cases = [
      ['EIO=4', 0], ['EIO=4&transport=abc', 0], ['EIO=4&transport=__proto__', 0],
      ['EIO=4&transport=websocket&sid=abc', 1], ['EIO=4&transport=polling', 3],
      ['EIO=4&transport=websocket&deny=1', 4], ['EIO=abc&transport=websocket', 5], ['transport=websocket', 5],
    ];
    for (const [query, code] of cases) {
      const { status, body, headers } = await refusal(`${fixture.wsUrl}/engine.io/?${query}`);
      assert.deepEqual([status, body], [400, httpErrors[code].message], query);
      assert.match(headers['content-type'], /^text\/html/);
      assert.equal(headers.connection, 'close');
    }
  });

  test('ES56 without a key, or of another WebSocket version, is refused', async () => {
    const request = 'GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n' +
      'Upgrade: websocket\r\n';
    assert.match(await exchange(fixture, `${request}Sec-WebSocket-Version: 13\r\n\r\n`), /^HTTP\/1\.1 400 /);
    const old = `${request}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    assert.match(await exchange(fixture, old), /^HTTP\/1\.1 4(00|26) /);
  });
});

describe('other paths', () => {
  test('are unknown, with status 404', async () => {
    for (const path of ['/', '/engine.io', '/engine.io?EIO=4&transport=polling', '/socket.io?EIO=4&transport=polling',
      '/engine.io/x/?EIO=4&transport=polling', '/../etc/passwd', '/%00']) {
      const response = await fetch(fixture.url + path);
      await response.text();
      assert.equal(response.status, 404, path);
    }
  });

  test('take no WebSocket', async () => {
    for (const path of ['/', '/engine.io', '/healthz', '/x?EIO=4&transport=websocket'])
      assert.ok((await refusal(fixture.wsUrl + path)).status >= 400, path);
  });

  test('but the one for health answer nothing', async () => {
    assert.equal((await fetch(`${fixture.url}/healthz`)).status, 200);
    assert.equal((await fetch(`${fixture.url}/healthz`, { method: 'HEAD' })).status, 200);
  });
});
