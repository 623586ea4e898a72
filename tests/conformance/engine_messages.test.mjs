// Engine.IO v4: packets and payloads on both transports, overlapping requests, the ends of sessions.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { quiet, startFixture } from '../support/fixture.mjs';
import { Peer } from '../support/peer.mjs';
import { assertRefused, PollingSession } from '../support/polling.mjs';
import { RawConnection } from '../support/raw_http.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture(quiet);
after(() => fixture.stop());

async function openWebSocket() {
  const peer = await Peer.open(`${fixture.wsUrl}/engine.io/?EIO=4&transport=websocket`);
  peer.sid = JSON.parse((await peer.next()).slice(1)).sid;
  return peer;
}

const utf8 = 'пойду спать всем спокойной ночи';

describe('messages over polling', () => {
  test('ES103 come back as they were sent', async () => {
    const session = await PollingSession.open(fixture);
    for (const packet of ['4hello', '4', '4€ 𝄞 \u0000 "\\', `4${'中文'.repeat(5000)}`, 'bAQIDBA==', 'b']) {
      await session.send(packet);
      assert.deepEqual(await session.poll(), [packet]);
    }
  });

  test('may share a payload, in both directions', async () => {
    const session = await PollingSession.open(fixture);
    await session.send('4one', 'bAAEC', '4two', '4');
    assert.deepEqual(await session.poll(), ['4one', 'bAAEC', '4two', '4']);
  });

  test('are given to a parked poll at once', async () => {
    const session = await PollingSession.open(fixture);
    const parked = session.poll();
    await session.send('4now');
    assert.deepEqual(await parked, ['4now']);
  });

  test('stay in order, whichever connections they take', async () => {
    const session = await PollingSession.open(fixture);
    const expected = Array.from({ length: 300 }, (_, i) => `4message ${i}`);
    const received = session.packets(expected.length);
    for (let i = 0; i < expected.length; i += 3) await session.send(...expected.slice(i, i + 3));
    assert.deepEqual(await received, expected);
  });

  test('ES84 ES96 may begin at the server', async () => {
    const session = await PollingSession.open(fixture);
    await session.send('4give binary', '4give utf8', '4sendHeaders');
    const [binary, text, headers] = await session.packets(3);
    assert.deepEqual([binary, text], ['bAAECAwQ=', `4${utf8}`]);
    assert.equal(JSON.parse(headers.slice(1)).host, `127.0.0.1:${fixture.port}`);
  });

  test('ES140 come in answers of the right type', async () => {
    const session = await PollingSession.open(fixture);
    const post = await session.post('4x');
    assert.deepEqual([post.headers.get('content-type'), await post.text()], ['text/html', 'ok']);
    assert.equal(post.headers.get('cache-control'), 'no-store');
    const poll = await session.get();
    assert.deepEqual([poll.headers.get('content-type'), await poll.text()], ['text/plain; charset=UTF-8', '4x']);
    assert.equal(poll.headers.get('cache-control'), 'no-store');
  });

  test('ES99 may come in chunks and in many pieces', async () => {
    const session = await PollingSession.open(fixture);
    const body = `4${'y'.repeat(900_000)}`;
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < body.length; i += 10_000) controller.enqueue(Buffer.from(body.slice(i, i + 10_000)));
        controller.close();
      },
    });
    const response = await session.post(stream, { duplex: 'half' });
    assert.equal(await response.text(), 'ok');
    assert.deepEqual(await session.poll(), [body]);
  });

  test('ES98 may come in many pieces of a known length', async () => {
    const session = await PollingSession.open(fixture);
    const { pathname, search } = new URL(session.url);
    const body = `4${'z'.repeat(900_000)}`;
    const connection = await RawConnection.open(fixture);
    connection.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    for (let at = 0; at < body.length; at += 50_000) await connection.write(body.slice(at, at + 50_000));
    await connection.receive(/ok$/);
    connection.close();
    assert.deepEqual(await session.poll(), [body]);
  });

  test('that are too large are refused with 413, and the session lives', async () => {
    const session = await PollingSession.open(fixture);
    const response = await session.post(`4${'x'.repeat(1_000_000)}`);
    assert.deepEqual([response.status, await response.text()], [413, '']);
    await session.assertAlive();
  });

  test('ES65 that are declared as binary end the session', async () => {
    const session = await PollingSession.open(fixture);
    const response = await session.post('4x', { headers: { 'content-type': 'application/octet-stream' } });
    await assertRefused(response, 3);
    await session.assertEnded();
  });

  test('ES73 that cannot be decoded end the session', async () => {
    for (const body of ['', 'abc', '9x', '4ok\x1e', '4ok\x1eabc', 'b%%%', Buffer.from('34ff', 'hex'), '\x1e']) {
      const session = await PollingSession.open(fixture);
      const response = await session.post(body);
      assert.equal(response.status, 400, JSON.stringify(String(body)));
      await session.assertEnded();
    }
  });

  test('of the kinds that mean nothing are ignored', async () => {
    const session = await PollingSession.open(fixture);
    await session.send('6', '3', '4after');
    assert.deepEqual(await session.poll(), ['4after']);
  });
});

describe('messages over a WebSocket', () => {
  test('ES90 ES103 come back as they were sent', async () => {
    const peer = await openWebSocket();
    for (const text of ['4hello', '4', '4€ 𝄞 \u0000', `4${'中文'.repeat(5000)}`, `4${'x'.repeat(200_000)}`]) {
      peer.send(text);
      assert.equal(await peer.next(), text);
    }
    for (const bytes of [Buffer.from([1, 2, 3, 4]), Buffer.alloc(0), Buffer.alloc(70_000, 7)]) {
      peer.send(bytes);
      assert.deepEqual(await peer.next(), bytes);
    }
    peer.close();
  });

  test('ES89 ES95 may begin at the server', async () => {
    const peer = await openWebSocket();
    for (const text of ['4give binary', '4give utf8', '4sendHeaders']) peer.send(text);
    assert.deepEqual(await peer.next(), Buffer.from([0, 1, 2, 3, 4]));
    assert.equal(await peer.next(), `4${utf8}`);
    assert.equal(await peer.next(), '4{}');
    peer.close();
  });

  test('stay in order', async () => {
    const peer = await openWebSocket();
    for (let i = 0; i < 2000; ++i) peer.send(`4${i}`);
    for (let i = 0; i < 2000; ++i) assert.equal(await peer.next(), `4${i}`);
    peer.close();
  });

  test('ES72 that cannot be decoded end the session', async () => {
    for (const text of ['', 'abc', '9']) {
      const peer = await openWebSocket();
      peer.send(text);
      await peer.closed({ strict: true });
    }
  });

  test('are not accepted from a poll beside it', async () => {
    const peer = await openWebSocket();
    const url = `${fixture.url}/engine.io/?EIO=4&transport=polling&sid=${peer.sid}`;
    await assertRefused(await fetch(url), 3);
    await assertRefused(await fetch(url, { method: 'POST', body: '4x' }), 3);
    peer.send('4still here');
    assert.equal(await peer.next(), '4still here');
    peer.close();
  });
});

describe('overlapping requests', () => {
  test('of two polls end the session', async () => {
    const session = await PollingSession.open(fixture);
    const answers = await Promise.all([session.get(), session.get()]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    const [first, second] = answers[0].status === 200 ? [0, 1] : [1, 0];
    assert.deepEqual([answers[first].status, bodies[first]], [200, '1']);
    assert.ok([400, 500].includes(answers[second].status), String(answers[second].status));
    await session.assertEnded();
  });

  test('are none when one POST follows the other', async () => {
    const session = await PollingSession.open(fixture);
    await session.send('4a');
    await session.send('4b');
    assert.deepEqual(await session.packets(2), ['4a', '4b']);
  });

  /** A POST of which the server has the head and not all of the body; `finish()` sends that. */
  const beginPost = async (session, body) => {
    const connection = await RawConnection.open(fixture);
    const { pathname, search } = new URL(session.url);
    connection.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n` +
      'Expect: 100-continue\r\n\r\n');
    await connection.receive(/^HTTP\/1\.1 100 [^]*\r\n\r\n$/);
    connection.write(body.slice(0, 1));
    return { connection, finish: () => connection.write(body.slice(1)) };
  };

  test('of two POSTs end the session', async () => {
    const session = await PollingSession.open(fixture);
    const first = await beginPost(session, '4first');
    await until(async () => (await session.post('4second')).status === 400, 'the overlap to be seen');
    first.finish();
    await first.connection.receive(/^HTTP\/1\.1 400 /m);
    await session.assertEnded();
  });

  test('of which one breaks off end the session', async () => {
    const session = await PollingSession.open(fixture);
    const poll = session.get();
    const post = await beginPost(session, '4never');
    post.connection.close();
    const answer = await poll;
    assert.equal(answer.status === 200 ? await answer.text() : '1', '1');
    await session.assertEnded();
  });

  test('ES64 a POST that is under way ends with its session', async () => {
    const session = await PollingSession.open(fixture);
    const post = await beginPost(session, '4never');
    const polls = await Promise.all([session.get(), session.get()]);
    assert.deepEqual(polls.map(({ status }) => status).sort(), [200, 400]);
    assert.match(await post.connection.receiveAll(), /\r\n\r\nHTTP\/1\.1 400 [^]*"Session ID unknown"/);
    await session.assertEnded();
  });

  test('are none when the first was too large, or was answered', async () => {
    const session = await PollingSession.open(fixture);
    const connection = await RawConnection.open(fixture);
    const { pathname, search } = new URL(session.url);
    connection.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `f4240\r\n${'4'.repeat(1_000_000)}\r\n`);
    connection.write('f4240\r\n');
    assert.match(await connection.receiveAll(), /^HTTP\/1\.1 413 /);
    const slow = await beginPost(session, '4slow');
    slow.finish();
    await slow.connection.receive(/ok$/);
    slow.connection.close();
    assert.deepEqual(await session.poll(), ['4slow']);
    await session.assertAlive();
  });

  test('of a poll and a POST are the rule', async () => {
    const session = await PollingSession.open(fixture);
    await session.assertAlive();
    await session.assertAlive();
  });

  test('of several sessions share one connection', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => PollingSession.open(fixture)));
    const connection = await RawConnection.open(fixture);
    for (const [i, session] of sessions.entries()) {
      const body = `4from ${i}`;
      connection.write(`POST ${new URL(session.url).pathname}${new URL(session.url).search} HTTP/1.1\r\nHost: x\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`);
    }
    await connection.receive(/(ok[^]*){20}/);
    connection.close();
    for (const [i, session] of sessions.entries()) assert.deepEqual(await session.poll(), [`4from ${i}`]);
  });
});

describe('a session ends', () => {
  test('ES52 ES53 when its client says so', async () => {
    let session;
    let answer;
    for (let attempt = 0; attempt < 20; ++attempt) { // the poll may come second, on its own connection, and is refused then
      session = await PollingSession.open(fixture);
      const poll = session.get();
      await session.send('1');
      answer = await poll;
      if (answer.status === 200) break;
    }
    assert.equal(await answer.text(), '6');
    await session.assertEnded();
    const peer = await openWebSocket();
    peer.send('1');
    await peer.closed({ strict: true });
  });

  test('ES49 ES50 when the server says so', async () => {
    const session = await PollingSession.open(fixture);
    const parked = session.poll();
    await session.send('4close me');
    assert.deepEqual(await parked, ['1']);
    await session.assertEnded();
    const peer = await openWebSocket();
    peer.send('4close me');
    assert.deepEqual(await peer.closed({ strict: true }), { code: 1005, reason: '' });
  });

  test('ES80 ES85 ES91 after what was said before', async () => {
    const session = await PollingSession.open(fixture);
    await session.send('4one', '4two', '4close me');
    assert.deepEqual(await session.poll(), ['4one', '4two', '1']);
    await session.assertEnded();
    const peer = await openWebSocket();
    for (const text of ['4one', '4two', '4close me']) peer.send(text);
    assert.deepEqual([await peer.next(), await peer.next()], ['4one', '4two']);
    await peer.closed({ strict: true });
  });

  test('ES57 when its client drops a parked poll', async () => {
    const session = await PollingSession.open(fixture);
    const connection = await RawConnection.open(fixture);
    const { pathname, search } = new URL(session.url);
    await connection.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\n\r\n`);
    connection.close();
    // A POST tells what has become of the session without being a poll itself.
    const ended = await until(async () => {
      const response = await session.post('6');
      const body = await response.text();
      return response.status === 400 && body;
    }, 'the end of the session');
    assert.equal(JSON.parse(ended).code, 1);
  });

  test('when its client asks for what only a server asks', async () => {
    const session = await PollingSession.open(fixture);
    await (await session.post('2')).text();
    await session.assertEnded();
    const peer = await openWebSocket();
    peer.send('2');
    await peer.closed({ strict: true });
  });
});
