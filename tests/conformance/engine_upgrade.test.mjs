// Engine.IO v4, "Upgrade": from polling to a WebSocket without losing or doubling anything.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { quiet, startFixture } from '../support/fixture.mjs';
import { Peer, refusal } from '../support/peer.mjs';
import { assertRefused, httpErrors, PollingSession } from '../support/polling.mjs';
import { RawConnection } from '../support/raw_http.mjs';

const fixture = await startFixture(quiet);
const hasty = await startFixture({ WORKERS: 4, UPGRADE_TIMEOUT: 400 });
after(() => Promise.all([fixture.stop(), hasty.stop()]));

async function probe(session) {
  const peer = await Peer.open(session.wsUrl);
  peer.send('2probe');
  assert.equal(await peer.next(), '3probe');
  return peer;
}

describe('an upgrade', { concurrency: true }, () => {
  test('moves the session to the WebSocket', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await probe(session);
    peer.send('5');
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    peer.close();
  });

  test('ends the parked poll with a noop', async () => {
    const session = await PollingSession.open(fixture);
    const parked = session.poll();
    const peer = await probe(session);
    assert.deepEqual(await parked, ['6']);
    peer.send('5');
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    peer.close();
  });

  test('ends polls that come while it probes', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await probe(session);
    for (let i = 0; i < 2; ++i) assert.deepEqual(await session.poll(), ['6']);
    peer.send('5');
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    peer.close();
  });

  test('brings what waited for a poll', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await probe(session);
    await session.send('4one', 'bAQID', '4two');
    peer.send('5');
    assert.equal(await peer.next(), '4one');
    assert.deepEqual(await peer.next(), Buffer.from([1, 2, 3]));
    assert.equal(await peer.next(), '4two');
    peer.close();
  });

  test('ES129 loses, doubles and reorders nothing under load', async () => {
    const session = await PollingSession.open(fixture);
    const expected = Array.from({ length: 100 }, (_, i) => `4${i}`);
    const received = [];
    let probing = true;
    const polls = (async () => {
      while (probing) received.push(...(await session.poll()).filter((packet) => packet !== '6'));
    })();
    for (let i = 0; i < 50; ++i) {
      await session.send(expected[i]);
      if (i === 20) {
        var peer = await Peer.open(session.wsUrl);
        peer.send('2probe');
      }
    }
    assert.equal(await peer.next(), '3probe');
    probing = false;
    await polls;
    peer.send('5');
    for (let i = 50; i < 100; ++i) peer.send(expected[i]);
    while (received.length < expected.length) received.push(await peer.next());
    assert.deepEqual(received, expected);
    peer.close();
  });

  test('ES8 makes requests of the session bad, and changes nothing else by them', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await probe(session);
    peer.send('5');
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    await assertRefused(await session.get(), 3);
    await assertRefused(await session.post('4ignored'), 3);
    const second = await Peer.open(session.wsUrl);
    await second.closed({ strict: true });
    peer.send('4still here');
    assert.equal(await peer.next(), '4still here');
    peer.close();
  });

  test('ES8 is tried by one WebSocket at a time', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await probe(session);
    const second = await Peer.open(session.wsUrl);
    await second.closed({ strict: true });
    peer.send('5');
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    peer.close();
  });

  test('that says something else is closed, and the session lives', async () => {
    for (const nonsense of ['2', '4hello', '', 'abc', Buffer.from('2probe')]) {
      const session = await PollingSession.open(fixture);
      const peer = await Peer.open(session.wsUrl);
      peer.send(nonsense);
      await peer.closed({ strict: true });
      await session.assertAlive();
    }
  });

  test('ES55 UW11 that is given up leaves the session to its polls, and may be tried again', async () => {
    const session = await PollingSession.open(fixture);
    (await probe(session)).close();
    await session.assertAlive();
    const peer = await probe(session);
    peer.send('5');
    peer.send('4hello');
    assert.equal(await peer.next(), '4hello');
    peer.close();
  });

  test('ES75 that takes too long is closed, and the session lives', async () => {
    for (const silent of [true, false]) {
      const session = await PollingSession.open(hasty);
      const peer = silent ? await Peer.open(session.wsUrl) : await probe(session);
      await peer.closed({ strict: true });
      await session.assertAlive();
    }
  });

  test('ES74 ends with the session', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await probe(session);
    await session.send('1');
    await peer.closed();
    await session.assertEnded();
  });

  test('of a session that nobody has is refused', async () => {
    const url = `${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket&sid=`;
    assert.equal((await refusal(`${url}abc`)).body, httpErrors[1].message);
    const ended = await PollingSession.open(fixture);
    await ended.send('1');
    assert.equal((await refusal(ended.wsUrl)).body, httpErrors[1].message);
  });

  test('ES6 ES7 may be followed at once by bytes that are no frames', async () => {
    const { pathname, search } = new URL((await PollingSession.open(fixture)).wsUrl);
    for (const target of [`${pathname}${search}`, '/engine.io/?EIO=4&transport=websocket']) {
      const connection = await RawConnection.open(fixture);
      connection.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nno frames at all, just text');
      assert.match(await connection.receiveAll(), /^HTTP\/1\.1 101 /);
    }
    await (await PollingSession.open(fixture)).assertAlive();
  });
});
