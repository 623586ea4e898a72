// Socket.IO v5: events, acknowledgements and attachments, in both directions, as bytes on the wire.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { startFixture } from '../support/fixture.mjs';
import { connect, transports } from '../support/packets.mjs';

const fixture = await startFixture({ WORKERS: 2 });
after(() => fixture.stop());

for (const [name, open] of Object.entries(transports)) {
  async function joined(nsp) {
    const client = await open(fixture);
    client.id = await connect(client, nsp);
    return client;
  }

  describe(`over ${name}`, { concurrency: true }, () => {
    test('SP4 an event comes back with its arguments as they came', async () => {
      const client = await joined('/');
      for (const args of ['1,"2",{"3":[true]}', 'null,false,-0.5e-7,12345678901234567890', '"\\u00e9\\n€𝄞"', '[]',
        '{"a":1,"a":2}', ' 1 , [ 2 , 3 ] ', '""', '{"__proto__":{"x":1}}', '"\\ud800"']) {
        client.send(`2["message",${args}]`);
        assert.deepEqual(JSON.parse((await client.next()).slice(1)), JSON.parse(`["message-back",${args}]`));
      }
      client.send('2["message"]');
      assert.equal(await client.next(), '2["message-back"]');
      client.close();
    });

    test('SP5 an event with a number for a name is nobody\'s', async () => {
      const client = await joined('/');
      client.send('2[123,"x"]', '2[1.5]', '2["message","after"]');
      assert.equal(await client.next(), '2["message-back","after"]');
      client.close();
    });

    test('SP6 SP7 an acknowledgement carries the id that was asked with', async () => {
      const client = await joined('/');
      for (const id of [0, 456, 4294967296, Number.MAX_SAFE_INTEGER]) {
        client.send(`2${id}["message-with-ack",1,"2",{"3":[false]}]`);
        assert.equal(await client.next(), `3${id}[1,"2",{"3":[false]}]`);
      }
      client.send('27["message-with-ack"]');
      assert.equal(await client.next(), '37[]');
      client.close();
    });

    test('an acknowledgement is sent where one was asked for only', async () => {
      const client = await joined('/');
      client.send('2["message-with-ack",1]', '2["getId"]', '28["message",1]', '2["message","last"]');
      assert.equal(await client.next(), '2["message-back",1]');
      assert.equal(await client.next(), '2["message-back","last"]');
      client.close();
    });

    test('unknown events are ignored, and what they ask', async () => {
      const client = await joined('/');
      client.send('2["nobody listens"]', '21["nobody listens",1]', '2["message","after"]');
      assert.equal(await client.next(), '2["message-back","after"]');
      client.close();
    });

    test('attachments follow their packet, in both directions', async () => {
      const client = await joined('/');
      const [first, second] = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
      const args = '{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}';
      client.send(`52-["message",${args}]`, first, second);
      const received = [await client.next(), await client.next(), await client.next()];
      assert.deepEqual(received, [`52-["message-back",${args}]`, first, second]);
      client.close();
    });

    test('attachments may be acknowledged with', async () => {
      const client = await joined('/custom');
      const bytes = [Buffer.alloc(0), Buffer.alloc(1000, 1)];
      const args = '{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]';
      client.send(`52-/custom,789["message-with-ack",${args}]`, ...bytes);
      const received = [await client.next(), await client.next(), await client.next()];
      assert.deepEqual(received, [`62-/custom,789[${args}]`, ...bytes]);
      client.close();
    });

    test('attachments are named by number, not by place', async () => {
      const client = await joined('/');
      client.send('52-["message",{"num":1,"_placeholder":true},{"_placeholder":true,"num":0}]', Buffer.from('0'),
        Buffer.from('1'));
      const [text, ...attachments] = [await client.next(), await client.next(), await client.next()];
      const values = JSON.parse(text.slice(3)).slice(1).map(({ num }) => attachments[num].toString());
      assert.deepEqual(values, ['1', '0']);
      client.close();
    });

    test('ten attachments are allowed', async () => {
      const client = await joined('/');
      const args = Array.from({ length: 10 }, (_, i) => `{"_placeholder":true,"num":${i}}`);
      client.send(`510-["message",${args}]`, ...args.map((_, i) => Buffer.from([i])));
      assert.match(await client.next(), /^510-\["message-back",/);
      for (let i = 0; i < 10; ++i) assert.deepEqual(await client.next(), Buffer.from([i]));
      client.close();
    });

    test('none may be announced', async () => {
      const client = await joined('/');
      client.send('50-["message",1]', '2["message",2]');
      assert.deepEqual([await client.next(), await client.next()], ['2["message-back",1]', '2["message-back",2]']);
      client.close();
    });

    test('what looks like an attachment without one stays what it is', async () => {
      const client = await joined('/');
      client.send('2["message",{"_placeholder":true,"num":0}]');
      assert.equal(await client.next(), '2["message-back",{"_placeholder":true,"num":0}]');
      client.close();
    });

    test('the server asks, and the client answers', async () => {
      const client = await joined('/fx');
      client.send('2/fx,1["call","question",["a",{"b":1}],5000]');
      const question = await client.next();
      const [, id] = /^2\/fx,(\d+)\["question","a",\{"b":1\}\]$/.exec(question);
      client.send(`3/fx,${Number(id) + 1_000_000}["for nobody"]`, `3/fx,${id}[1,"two"]`, `3/fx,${id}["too late"]`);
      assert.equal(await client.next(), '3/fx,1[{"timeout":false,"res":[1,"two"]}]');
      client.close();
    });

    test('the server asks, and the client answers with attachments', async () => {
      const client = await joined('/fx');
      client.send('2/fx,1["call","question",[],5000]');
      const [, id] = /^2\/fx,(\d+)\["question"\]$/.exec(await client.next());
      client.send(`61-/fx,${id}[{"_placeholder":true,"num":0}]`, Buffer.from('bytes'));
      assert.equal(await client.next(), '61-/fx,1[{"timeout":false,"res":[{"_placeholder":true,"num":0}]}]');
      assert.equal((await client.next()).toString(), 'bytes');
      client.close();
    });

    test('the server asks, and does not wait for ever', async () => {
      const client = await joined('/fx');
      client.send('2/fx,1["call","question",[],30]');
      assert.match(await client.next(), /^2\/fx,\d+\["question"\]$/);
      assert.equal(await client.next(), '3/fx,1[{"timeout":true}]');
      client.close();
    });

    test('the fixture emits texts and bytes', async () => {
      const client = await joined('/');
      client.send('2["hi"]', '2["false"]', '2["getUtf8"]', '2["doge"]');
      assert.equal(await client.next(), '2["hi"]');
      assert.equal(await client.next(), '2["false",false]');
      const texts = ['てすと', 'Я Б Г Д Ж Й', 'Ä ä Ü ü ß', 'utf8 — string', 'utf8 — string'];
      for (const text of texts) assert.equal(await client.next(), `2["takeUtf8",${JSON.stringify(text)}]`);
      assert.equal(await client.next(), '51-["doge",{"_placeholder":true,"num":0}]');
      assert.equal((await client.next()).toString(), 'asdfasdf');
      client.send('21["getAckDate",{}]', '2["getDate"]', '2["getDateObj"]');
      assert.match(await client.next(), /^31\["\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\]$/);
      assert.match(await client.next(), /^2\["takeDate","[^"]+Z"\]$/);
      assert.match(await client.next(), /^2\["takeDateObj",\{"date":"[^"]+Z"\}\]$/);
      client.close();
    });

    test('packets of many namespaces stay in order', async () => {
      const client = await joined('/fx');
      await connect(client, '/dyn-3');
      for (let i = 0; i < 200; ++i) client.send(`2${i % 2 ? '/fx' : '/dyn-3'},["echo",${i}]`);
      for (let i = 0; i < 200; ++i) assert.equal(await client.next(), `2${i % 2 ? '/fx' : '/dyn-3'},["echo",${i}]`);
      client.close();
    });

    test('packets of one payload stay in order', async () => {
      const client = await joined('/fx');
      client.send(...Array.from({ length: 200 }, (_, i) => `2/fx,["echo",${i}]`));
      for (let i = 0; i < 200; ++i) assert.equal(await client.next(), `2/fx,["echo",${i}]`);
      client.close();
    });
  });
}
