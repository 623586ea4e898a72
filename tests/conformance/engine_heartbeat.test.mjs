// Engine.IO v4, "Heartbeat": the server asks, the client answers, and who does not is gone.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { fast, startFixture } from '../support/fixture.mjs';
import { Peer } from '../support/peer.mjs';
import { PollingSession } from '../support/polling.mjs';

const fixture = await startFixture(fast);
after(() => fixture.stop());

const early = 20; // clocks of two processes are read at different moments
const { PING_INTERVAL, PING_TIMEOUT } = fast;

async function openWebSocket() {
  const peer = await Peer.open(`${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`);
  peer.sid = JSON.parse((await peer.next()).slice(1)).sid;
  return peer;
}

describe('pings', { concurrency: true }, () => {
  test('ES60 come over polling an interval after each pong', async () => {
    let began = Date.now();
    const session = await PollingSession.open(fixture);
    for (let i = 0; i < 3; ++i) {
      assert.deepEqual(await session.poll(), ['2']);
      assert.ok(Date.now() - began >= PING_INTERVAL - early, `after ${Date.now() - began} ms`);
      began = Date.now();
      await session.send('3');
    }
  });

  test('ES60 come over a WebSocket an interval after each pong', async () => {
    let began = Date.now();
    const peer = await openWebSocket();
    for (let i = 0; i < 3; ++i) {
      assert.equal(await peer.next(), '2');
      assert.ok(Date.now() - began >= PING_INTERVAL - early, `after ${Date.now() - began} ms`);
      began = Date.now();
      peer.send('3');
    }
    peer.close();
  });

  test('ES76 go on after an upgrade', async () => {
    const session = await PollingSession.open(fixture);
    const peer = await Peer.open(session.wsUrl);
    peer.send('2probe');
    assert.equal(await peer.next(), '3probe');
    peer.send('5');
    for (let i = 0; i < 2; ++i) {
      assert.equal(await peer.next(), '2');
      peer.send('3');
    }
    peer.close();
  });

  test('go on after an upgrade that lost a pong on its way', async () => {
    const session = await PollingSession.open(fixture);
    assert.deepEqual(await session.poll(), ['2']);
    const peer = await Peer.open(session.wsUrl);
    peer.send('2probe');
    assert.equal(await peer.next(), '3probe');
    peer.send('5');
    assert.equal(await peer.next(), '2');
    peer.send('3');
    assert.equal(await peer.next(), '2');
    peer.close();
  });
});

describe('without a pong in time', { concurrency: true }, () => {
  test('ES45 ES63 ES71 a parked poll is told the end', async () => {
    const session = await PollingSession.open(fixture);
    assert.deepEqual(await session.poll(), ['2']);
    assert.deepEqual(await session.poll(), ['1']);
    await session.assertEnded();
  });

  test('ES46 a session is unknown when its time is over', async () => {
    for (let i = 0; i < 5; ++i) {
      const session = await PollingSession.open(fixture);
      await pause(PING_INTERVAL + PING_TIMEOUT); // the passing of time itself is the subject
      await session.assertEnded();
    }
  });

  test('ES59 ES61 ES63 ES70 a WebSocket is closed', async () => {
    const began = Date.now();
    const peer = await openWebSocket();
    assert.equal(await peer.next(), '2');
    await peer.closed({ strict: true });
    assert.ok(Date.now() - began >= PING_INTERVAL + PING_TIMEOUT - early);
  });

  test('other messages do not help', async () => {
    const peer = await openWebSocket();
    const talk = setInterval(() => peer.send('4x'), 50);
    await peer.closed();
    clearInterval(talk);
  });
});
