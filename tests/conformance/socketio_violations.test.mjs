// Socket.IO v5: packets that no client may send. Each closes its connection, and no other.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { quiet, startFixture } from '../support/fixture.mjs';
import { connect, transports } from '../support/packets.mjs';

const fixture = await startFixture(quiet);
const bystander = await transports.websocket(fixture);
await connect(bystander, '/fx');

after(async () => {
  bystander.send('2/fx,1["echo","unharmed"]');
  assert.equal(await bystander.next(), '3/fx,1["unharmed"]');
  bystander.close();
  await fixture.stop();
});

const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;
const bytes = Buffer.from([1]);

const violations = {
  'an unknown packet type': ['4abc', '7', '9["message"]', 'x', ' 2["message"]', '-1'],
  'SK6 no packet at all': [''],
  'JSON that is none': ['2["message"', '2["message",]', '2[message]', "2['message']", '2["message"]x', '2["a\nb"]',
    '2["message",01]', '2["message",+1]', '2["message",NaN]', '2["\\x"]'],
  'SP15 a payload of the wrong kind': ['2{}', '2"message"', '2null', '31{}', '31"x"', '31null'],
  'no event name': ['2[]', '2[{}]', '2[null]', '2[true]', '2[["message"]]'],
  'a reserved event name': ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener',
    'dis\\u0063onnect'].map((name) => `2["${name}"]`),
  'an acknowledgement id that is none': ['2abc["message"]', '3["x"]', '3abc["x"]', '31.5["x"]', '2-1["message"]',
    '299999999999999999999999["message"]'],
  'a DISCONNECT with a payload': ['1{}', '1"x"'],
  'SK45 SK47 SK48 SP11 attachments that are not counted': ['5', '5woooot', '5["message"]', '5-["message"]', '5x-["message"]', '51["message"]',
    '5-1-["message"]', '51.5-["message"]'],
  'SP12 too many attachments': ['511-["message"]', '599999999999-["message"]', '5999999999999999999999999-["message"]',
    '611-1["x"]'],
  'SB4 SB5 a placeholder that stands for nothing': [`51-["message",${placeholder(1)}]`, `51-["message",${placeholder(-1)}]`,
    `51-["message",${placeholder('"0"')}]`, `51-["message",${placeholder(0.5)}]`,
    `51-["message",${placeholder('null')}]`, '51-["message",{"_placeholder":true}]'].map((text) => [text, bytes]),
  'SB7 text while attachments are due': [[`51-["message",${placeholder(0)}]`, '2["message"]'],
    [`52-["message",${placeholder(0)}]`, bytes, '2["message"]']],
  'SB6 an attachment without a packet': [[bytes], [Buffer.alloc(0)], [`51-["message",${placeholder(0)}]`, bytes, bytes]],
  'a namespace without end': [`0/${'x'.repeat(100_000)},`],
  'arrays in arrays without end': [`2["message",${'['.repeat(45_000)}${']'.repeat(45_000)}]`, `2${'['.repeat(99_000)}`,
    `2["message",${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}]`, `0${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`,
    [`51-["message",${'['.repeat(45_000)}${placeholder(0)}${']'.repeat(45_000)}]`, bytes]],
};

for (const [name, open] of Object.entries(transports)) {
  describe(`over ${name}, the connection is closed by`, { concurrency: 4 }, () => {
    for (const [what, cases] of Object.entries(violations)) {
      test(what, async () => {
        for (const packets of cases) {
          const client = await open(fixture);
          await connect(client);
          client.send(...[packets].flat());
          await client.ended();
        }
      });
    }

    test('CL8 each of them, after which no packet is heard', async () => {
      const client = await open(fixture);
      await connect(client);
      client.send('2["message",1]', '2["connect"]', '2["message",2]');
      assert.equal(await client.next(), '2["message-back",1]');
      await client.ended();
    });

    test('SK46 none of what is merely odd', async () => {
      const client = await open(fixture);
      await connect(client);
      client.send('2', '27', '4{"message":"no"}', '4"no"', '31["to no question"]', '2["Connect"]', '2["connected"]',
        '2[0]', '2["message","still here"]');
      assert.equal(await client.next(), '2["message-back","still here"]');
      client.close();
    });
  });
}

test('a packet beyond the limit is none', async () => {
  const client = await transports.websocket(fixture);
  await connect(client);
  client.send(`2["message","${'x'.repeat(1_000_000)}"]`);
  assert.equal((await client.peer.closed({ strict: true })).code, 1009);
});
