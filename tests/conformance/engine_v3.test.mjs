// Engine.IO v3, which clients of Socket.IO 1 and 2 speak: payloads that are counted, binary in its three forms, a
// heartbeat that the client begins. What is the same as in v4 is tested there.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { fast, quiet, startFixture } from '../support/fixture.mjs';
import { encodeBinary } from '../support/payload.mjs';
import { Peer, refusal } from '../support/peer.mjs';
import { assertRefused, PollingSession } from '../support/polling.mjs';

const fixture = await startFixture({ ...quiet, ALLOW_EIO3: 1 });
const hurried = await startFixture({ ...fast, ALLOW_EIO3: 1 });
const strict = await startFixture(quiet);
after(() => Promise.all([fixture, hurried, strict].map((each) => each.stop())));

const { PING_INTERVAL, PING_TIMEOUT } = fast;
const early = 20; // clocks of two processes are read at different moments
const octets = { 'content-type': 'application/octet-stream' };
const message = (...bytes) => Buffer.from([4, ...bytes]);

const open = (query = '', at = fixture) => PollingSession.open(at, { eio: 3, query });

async function openWebSocket(query = '', at = fixture) {
  const peer = await Peer.open(`${at.wsUrl}/engine.io/?EIO=3&transport=websocket${query}`);
  peer.handshake = JSON.parse((await peer.next()).slice(1));
  return peer;
}

async function upgraded(session, query = '') {
  const peer = await Peer.open(session.wsUrl + query);
  peer.send('2probe');
  assert.equal(await peer.next(), '3probe');
  assert.deepEqual(await session.poll(), ['6']);
  peer.send('5');
  return peer;
}

describe('a handshake of revision 3', () => {
  test('is answered with a counted open packet', async () => {
    const response = await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling`);
    const [, length, packet] = /^(\d+):(.*)$/.exec(await response.text());
    assert.equal(Number(length), packet.length);
    const { sid, ...rest } = JSON.parse(packet.slice(1));
    assert.match(sid, /^[\w-]{20,}$/);
    assert.deepEqual(rest, { upgrades: ['websocket'], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 });
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
  });

  test('is answered over a WebSocket too', async () => {
    const peer = await openWebSocket();
    assert.deepEqual(peer.handshake.upgrades, []);
    peer.close();
  });

  test('ES40 V23 is refused with code 5 where it is not allowed', async () => {
    await assertRefused(await fetch(`${strict.url}/engine.io/?EIO=3&transport=polling`), 5);
    const { status, body } = await refusal(`${strict.wsUrl}/engine.io/?EIO=3&transport=websocket`);
    assert.deepEqual([status, body], [400, 'Unsupported protocol version']);
  });

  test('is what any request is that does not ask for revision 4', async () => {
    for (const query of ['', '&EIO=', '&EIO=abc', '&EIO=44']) {
      const response = await fetch(`${fixture.url}/engine.io/?transport=polling${query}`);
      assert.match(await response.text(), /^\d+:0\{/);
    }
    const response = await fetch(`${fixture.url}/engine.io/?transport=polling&EIO=4`);
    assert.match(await response.text(), /^0\{/);
  });

  test('is refused for all the reasons that there are', async () => {
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3`), 0);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=abc`), 0);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling`, { method: 'POST' }), 2);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=websocket`), 3);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling&deny=1`), 4);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling&sid=none`), 1);
  });
});

describe('payloads of revision 3', () => {
  test('come back as they were sent', async () => {
    const session = await open('&b64=1');
    for (const packet of ['4hello', '4', '4€ 𝄞 \u0000 "\\', `4${'中文'.repeat(5000)}`, 'b4AQIDBA==', 'b4']) {
      await session.send(packet);
      assert.deepEqual(await session.poll(), [packet]);
    }
    await session.send('4one', 'b4AAEC', '4two', '4');
    assert.deepEqual(await session.poll(), ['4one', 'b4AAEC', '4two', '4']);
  });

  test('EP1 are binary when there is binary in them', async () => {
    const session = await open();
    await session.send('4hello', '4€€€€', 'b4AQIDBA==');
    const response = await session.get();
    assert.equal(response.headers.get('content-type'), 'application/octet-stream');
    assert.equal(Buffer.from(await response.arrayBuffer()).toString('hex'),
      '0006ff3468656c6c6f' + '000103ff34e282ace282ace282ace282ac' + '0105ff0401020304');
    await session.send('4hello');
    const text = await session.get();
    assert.deepEqual([text.headers.get('content-type'), await text.text()], ['text/plain; charset=UTF-8', '6:4hello']);
  });

  test('may be posted as binary', async () => {
    const session = await open();
    const packets = ['4€ 𝄞', message(), message(0, 255, 128), message(...Array(300).fill(7)), '4x'];
    const response = await session.post(encodeBinary(packets), { headers: octets });
    assert.deepEqual([response.status, await response.text()], [200, 'ok']);
    assert.deepEqual(await session.poll(), packets);
  });

  test('may begin at the server', async () => {
    const session = await open();
    await session.send('4give binary', '4give utf8');
    assert.deepEqual(await session.poll(), [message(0, 1, 2, 3, 4), '4пойду спать всем спокойной ночи']);
  });

  test('that cannot be decoded end the session', async () => {
    const bodies = ['', 'abc', '4hello', '6:4hell', '1:4:', 'x:4', '-1:4', '1:9', '3:b4%', '2:4𝄞', '1:4rest',
      Buffer.from('313a34ff', 'hex')];
    for (const body of bodies) {
      const session = await open();
      const response = await session.post(body);
      assert.equal(response.status, 400, String(body));
      await session.assertEnded();
    }
    for (const hex of ['00', '0001', '00ff34', '0002ff34', '000aff34', '0201ff34', '0001ff39', '0002ff34ff', '0101']) {
      const session = await open();
      const response = await session.post(Buffer.from(hex, 'hex'), { headers: octets });
      assert.equal(response.status, 400, hex);
      await session.assertEnded();
    }
  });

  test('that are too large are refused with 413, and the session lives', async () => {
    const session = await open();
    for (const headers of [{}, octets]) {
      const response = await session.post(Buffer.alloc(1_000_001, '4'), { headers });
      assert.deepEqual([response.status, await response.text()], [413, '']);
    }
    await session.assertAlive();
  });

  test('with more pings than it fetches pongs end the session', async () => {
    const session = await open();
    await (await session.post('1:2'.repeat(300_000))).text();
    await session.assertEnding();
  });

  test('without packets say nothing', async () => {
    const session = await open();
    assert.equal(await (await session.post('0:')).text(), 'ok');
    assert.equal(await (await session.post(Buffer.alloc(0), { headers: octets })).text(), 'ok');
    await session.assertAlive();
  });

  test('of a client that says close end with a noop for its poll', async () => {
    let answer, session;
    for (let attempt = 0; attempt < 20; ++attempt) { // the poll may come second, and is refused then
      session = await open();
      const poll = session.get();
      await session.send('1');
      answer = await poll;
      if (answer.status === 200) break;
    }
    assert.equal(await answer.text(), '1:6');
    await session.assertEnded();
  });

  test('of two polls at once end the session', async () => {
    const session = await open();
    const answers = await Promise.all([session.get(), session.get()]); // either may come first
    const told = await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`));
    assert.deepEqual(told.sort(), ['200 1:1', '400 {"code":3,"message":"Bad request"}']);
    await session.assertEnded();
  });
});

describe('JSONP', () => {
  const callback = (body) => {
    const [, index, json] = /^___eio\[(\d*)\]\((".*")\);$/s.exec(body);
    return [index, JSON.parse(json)];
  };

  test('wraps what polls bring', async () => {
    const response = await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling&j=7x`);
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
    const [index, payload] = callback(await response.text());
    assert.equal(index, '7');
    const { sid } = JSON.parse(payload.slice(payload.indexOf(':') + 2));
    const url = `${fixture.url}/engine.io/?EIO=3&transport=polling&j=7&sid=${sid}`;
    const said = '4a\nb\\n"\u2028€𝄞';
    const form = new URLSearchParams({
      d: `${said.length}:${said}10:b4AQIDBA==`.replaceAll('\\n', '\\\\n').replaceAll('\n', '\\n'),
    });
    const parked = fetch(url);
    const posted = await fetch(url, { method: 'POST', body: form });
    assert.deepEqual([posted.headers.get('content-type'), await posted.text()], ['text/html', 'ok']);
    const body = await (await parked).text();
    assert.ok(!body.includes('\u2028'), 'no line separator stands in the script');
    assert.deepEqual(callback(body), ['7', `${said.length}:${said}10:b4AQIDBA==`]);
  });

  test('has no meaning in revision 4, and errors are not wrapped', async () => {
    const response = await fetch(`${fixture.url}/engine.io/?EIO=4&transport=polling&j=7`);
    assert.match(await response.text(), /^0\{/);
    await assertRefused(await fetch(`${fixture.url}/engine.io/?EIO=3&transport=polling&j=7&sid=none`), 1);
  });
});

describe('WebSockets of revision 3', () => {
  test('have a type before binary', async () => {
    const peer = await openWebSocket();
    for (const packet of ['4hello', message(1, 2, 3, 4), message(), '4']) {
      peer.send(packet);
      assert.deepEqual(await peer.next(), packet);
    }
    peer.send('b4AQIDBA==');
    assert.deepEqual(await peer.next(), message(1, 2, 3, 4));
    peer.send(Buffer.from([9, 9]));
    peer.send('4after');
    assert.equal(await peer.next(), '4after', 'a binary packet of an unknown type means nothing');
    peer.close();
  });

  test('give binary as base64 where b64 asks for it', async () => {
    const peer = await openWebSocket('&b64=1');
    peer.send(message(1, 2, 3, 4));
    assert.equal(await peer.next(), 'b4AQIDBA==');
    peer.close();
  });

  test('end at what is no packet', async () => {
    for (const packet of ['abc', '', '9', 'b4%', Buffer.alloc(0)]) {
      const peer = await openWebSocket();
      peer.send(packet);
      await peer.closed({ strict: true });
    }
  });

  test('take over from polling', async () => {
    const session = await open('&b64=1');
    await session.send('4give binary');
    const peer = await Peer.open(session.wsUrl);
    peer.send('2probe');
    assert.equal(await peer.next(), '3probe');
    assert.deepEqual(await session.poll(), ['b4AAECAwQ=']);
    assert.deepEqual(await session.poll(), ['6']);
    await session.send('4give binary');
    peer.send('5');
    assert.deepEqual(await peer.next(), message(0, 1, 2, 3, 4));
    await assertRefused(await session.get(), 3);
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    peer.close();
  });
});

describe('the heartbeat of revision 3', { concurrency: true }, () => {
  test('is a ping that is answered with its data, over polling', async () => {
    const session = await open('', hurried);
    for (let i = 0; i < 4; ++i) {
      await pause(PING_INTERVAL / 2);
      await session.send('2', '4x', '2probe');
      assert.deepEqual(await session.poll(), ['3', '4x', '3probe']);
    }
  });

  test('is a ping that is answered over a WebSocket', async () => {
    const peer = await openWebSocket('', hurried);
    for (let i = 0; i < 4; ++i) {
      await pause(PING_INTERVAL / 2);
      peer.send('2');
      assert.equal(await peer.next(), '3');
    }
    peer.close();
  });

  test('ES62 without a ping in time ends the session', async () => {
    const began = Date.now();
    const peer = await openWebSocket('', hurried);
    const talk = setInterval(() => peer.send('4x'), 50);
    await peer.closed();
    clearInterval(talk);
    assert.ok(Date.now() - began >= PING_INTERVAL + PING_TIMEOUT - early);
  });

  test('is over for a ping that comes too late', async () => {
    for (let i = 0; i < 5; ++i) {
      const session = await open('', hurried);
      await pause(PING_INTERVAL + PING_TIMEOUT); // the passing of time itself is the subject
      await assertRefused(await session.post('1:2'), 1);
    }
  });

  test('goes on after an upgrade', async () => {
    const session = await open('', hurried);
    const peer = await upgraded(session);
    for (let i = 0; i < 3; ++i) {
      await pause(PING_INTERVAL / 2);
      peer.send('2');
      assert.equal(await peer.next(), '3');
    }
    await peer.closed({ strict: true });
  });

  test('has one direction', async () => {
    const peer = await openWebSocket();
    peer.send('3');
    await peer.closed({ strict: true });
  });
});
