// Engine.IO settings that change what a client sees: transports, limits, gate, greeting, cookies, CORS.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { startFixture } from '../support/fixture.mjs';
import { Peer, refusal } from '../support/peer.mjs';
import { assertRefused, httpErrors, PollingSession } from '../support/polling.mjs';

/** A test with a fixture of its own. */
function testWith(name, settings, body) {
  test(name, async () => {
    const fixture = await startFixture({ WORKERS: 2, ...settings });
    try {
      await body(fixture);
    } finally {
      await fixture.stop();
    }
  });
}

describe('TRANSPORTS', () => {
  testWith('ES31 polling alone offers no upgrade and takes no WebSocket', { TRANSPORTS: 'polling' }, async (fixture) => {
    const session = await PollingSession.open(fixture);
    assert.deepEqual(session.handshake.upgrades, []);
    for (const url of [session.wsUrl, `${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`])
      assert.equal((await refusal(url)).body, httpErrors[0].message);
    await session.assertAlive();
  });

  testWith('websocket alone takes no poll', { TRANSPORTS: 'websocket' }, async (fixture) => {
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=4&transport=polling`), 0);
    const peer = await Peer.open(`${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`);
    assert.match(await peer.next(), /^0/);
    peer.close();
  });
});

describe('ALLOW_UPGRADES=0', () => {
  testWith('ES32 offers no upgrade and closes who tries', { ALLOW_UPGRADES: 0 }, async (fixture) => {
    const session = await PollingSession.open(fixture);
    assert.deepEqual(session.handshake.upgrades, []);
    const peer = await Peer.open(session.wsUrl).catch((error) => ({ error }));
    if (!peer.error) await peer.closed({ strict: true });
    await session.assertAlive();
  });
});

describe('MAX_HTTP_BUFFER_SIZE', () => {
  testWith('is announced, and bounds messages both ways', { MAX_HTTP_BUFFER_SIZE: 100 }, async (fixture) => {
    const session = await PollingSession.open(fixture);
    assert.equal(session.handshake.maxPayload, 100);
    const refused = await session.post('4'.padEnd(101, 'x'));
    assert.deepEqual([refused.status, await refused.text()], [413, '']);
    const largest = '4'.padEnd(100, 'x');
    await session.send(largest);
    assert.deepEqual(await session.poll(), [largest]);
  });

  testWith('cuts what waits for a poll between messages', { MAX_HTTP_BUFFER_SIZE: 100 }, async (fixture) => {
    const session = await PollingSession.open(fixture);
    const packets = Array.from({ length: 20 }, (_, i) => `4${String(i).padStart(18, '.')}`);
    for (const packet of packets) await session.send(packet);
    const received = [];
    while (received.length < packets.length) {
      const body = await (await session.get()).text();
      assert.ok(body.length <= 100, body);
      received.push(...body.split('\x1e'));
    }
    assert.deepEqual(received, packets);
  });

  testWith('closes a WebSocket with 1009 and no word', { MAX_HTTP_BUFFER_SIZE: 100 }, async (fixture) => {
    const url = `${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`;
    for (const data of ['4'.padEnd(101, 'x'), Buffer.alloc(101)]) {
      const peer = await Peer.open(url);
      await peer.next();
      peer.send(data.slice(0, 100));
      assert.equal((await peer.next()).length, 100);
      peer.send(data);
      assert.deepEqual(await peer.closed({ strict: true }), { code: 1009, reason: '' });
    }
  });
});

describe('ALLOW_REQUEST_DELAY', () => {
  testWith('holds handshakes back, and nothing else', { ALLOW_REQUEST_DELAY: 150 }, async (fixture) => {
    const began = Date.now();
    const session = await PollingSession.open(fixture);
    const peer = await Peer.open(`${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`);
    assert.match(await peer.next(), /^0/);
    peer.close();
    assert.ok(Date.now() - began >= 2 * 145, `both took ${Date.now() - began} ms`);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=4&transport=polling&deny=1`), 4);
    await session.assertAlive();
  });
});

describe('EIO_GREETING', () => {
  testWith('ES27 comes first on both transports', { EIO_GREETING: 'hi' }, async (fixture) => {
    const session = await PollingSession.open(fixture);
    assert.deepEqual(await session.poll(), ['4hi']);
    const peer = await Peer.open(`${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`);
    assert.match(await peer.next(), /^0/);
    assert.equal(await peer.next(), '4hi');
    peer.close();
  });
});

describe('EIO_COOKIES', () => {
  testWith('ES141 ES143 ES144 are set once, with the first answer of a session', { EIO_COOKIES: 1 }, async (fixture) => {
    const check = (cookies) => {
      assert.deepEqual(cookies.slice(0, 3),
        ['1=1; Max-Age=86400', '2=2; Path=/; HttpOnly; Secure; SameSite=Strict', '3=3; Max-Age=0']);
      assert.match(cookies[3], /^4=4; Expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
      assert.equal(cookies.length, 4);
    };
    const session = await PollingSession.open(fixture);
    // One line to node 18, whose headers have no getSetCookie.
    const cookiesOf = (response) => response.headers.get('set-cookie')?.split(/, (?=\d=)/) ?? [];
    check(cookiesOf(session.response));
    const post = await session.post('4a');
    const poll = await session.get();
    assert.deepEqual([...cookiesOf(post), ...cookiesOf(poll)], []);
    const peer = await Peer.open(`${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`);
    check(peer.upgradeHeaders['set-cookie']);
    peer.close();
    const upgrade = await Peer.open(session.wsUrl);
    assert.equal(upgrade.upgradeHeaders['set-cookie'], undefined);
    upgrade.close();
  });
});

describe('CORS', () => {
  const origins = { CORS_ORIGIN: 'https://one.example,https://two.example' };

  testWith('HS1 ES146 a preflight is answered with 204 and what is allowed', origins, async (fixture) => {
    const headers = {
      origin: 'https://two.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-custom',
    };
    for (const path of ['/engine.io/', '/socket.io/']) {
      const url = `${fixture.url}${path}?EIO=4&transport=polling`;
      const response = await fetch(url, { method: 'OPTIONS', headers });
      assert.deepEqual([response.status, await response.text()], [204, '']);
      assert.equal(response.headers.get('access-control-allow-origin'), 'https://two.example');
      assert.equal(response.headers.get('access-control-allow-credentials'), 'true');
      assert.match(response.headers.get('access-control-allow-methods'), /POST/);
      assert.equal(response.headers.get('access-control-allow-headers'), 'x-custom');
      assert.match(response.headers.get('vary'), /origin/i);
    }
  });

  testWith('HS2 ES37 ES147 ES150 every answer to an allowed origin says so', origins, async (fixture) => {
    const headers = { origin: 'https://one.example' };
    const check = (response, status) => {
      assert.equal(response.status, status);
      assert.equal(response.headers.get('access-control-allow-origin'), 'https://one.example');
      assert.equal(response.headers.get('access-control-allow-credentials'), 'true');
    };
    const url = `${fixture.url}/engine.io/?EIO=4&transport=polling`;
    const opened = await fetch(url, { headers });
    check(opened, 200);
    const { sid } = JSON.parse((await opened.text()).slice(1));
    check(await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '4x', headers }), 200);
    check(await fetch(`${url}&sid=${sid}`, { headers }), 200);
    check(await fetch(`${url}&sid=unknown`, { headers }), 400);
    check(await fetch(url.replace('polling', 'websocket'), { headers }), 400);
    check(await fetch(`${url}&sid=${sid}`, { method: 'POST', body: 'x'.repeat(1_000_001), headers }), 413);
  });

  testWith('ES148 another origin is told nothing', origins, async (fixture) => {
    const url = `${fixture.url}/engine.io/?EIO=4&transport=polling`;
    for (const method of ['GET', 'OPTIONS']) {
      const response = await fetch(url, { method, headers: { origin: 'https://evil.example' } });
      const allowed = response.headers.get('access-control-allow-origin');
      assert.ok(!['*', 'https://evil.example'].includes(allowed), String(allowed));
    }
  });

  testWith('without CORS_ORIGIN there is no such header', {}, async (fixture) => {
    const url = `${fixture.url}/engine.io/?EIO=4&transport=polling`;
    const response = await fetch(url, { headers: { origin: 'https://one.example' } });
    assert.equal(response.status, 200);
    for (const [name] of response.headers) assert.doesNotMatch(name, /^access-control/);
  });
});
