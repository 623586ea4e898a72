// Socket.IO 2's protocol (revision 4 of packets, over Engine.IO v3), packet by packet on both transports.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { quiet, startFixture } from '../support/fixture.mjs';
import { Peer } from '../support/peer.mjs';
import { PollingSession } from '../support/polling.mjs';

const fixture = await startFixture({ ...quiet, ALLOW_EIO3: 1, EMIT_AUTH: 1, CONNECT_TIMEOUT: 1000 });
after(() => fixture.stop());

/** `say(...packets)`, and `hear()`: the next message without its type. Binary is a Buffer. */
const transports = {
  async websocket(query = '') {
    const peer = await Peer.open(`${fixture.wsUrl}/socket.io/?EIO=3&transport=websocket${query}`);
    const { sid } = JSON.parse((await peer.next()).slice(1));
    return {
      sid,
      say: (...packets) => packets.forEach((packet) =>
        peer.send(typeof packet === 'string' ? `4${packet}` : Buffer.concat([Buffer.from([4]), packet]))),
      async hear() {
        const message = await peer.next();
        assert.equal(typeof message === 'string' ? message[0] : message[0].toString(), '4', message);
        return typeof message === 'string' ? message.slice(1) : message.subarray(1);
      },
      ended: () => peer.closed(),
      close: () => peer.close(),
    };
  },

  async polling(query = '') {
    const session = await PollingSession.open(fixture, { path: '/socket.io/', query: `${query}&b64=1`, eio: 3 });
    const waiting = [];
    return {
      sid: session.sid,
      say: (...packets) => session.send(...packets.map((packet) =>
        (typeof packet === 'string' ? `4${packet}` : `b4${packet.toString('base64')}`))),
      async hear() {
        if (waiting.length === 0) waiting.push(...(await session.poll()));
        const packet = waiting.shift();
        return packet[0] === 'b' ? Buffer.from(packet.slice(2), 'base64') : packet.slice(1);
      },
      ended: () => session.assertEnding(),
      close: () => session.send('1'),
    };
  },
};

for (const [name, open] of Object.entries(transports)) {
  describe(`over ${name}`, () => {
    /** A client that was told of its place in the default namespace. */
    async function arrive(query) {
      const client = await open(query);
      assert.equal(await client.hear(), '0');
      assert.equal(await client.hear(), '2["auth",{}]');
      return client;
    }

    test('a client is in the default namespace without asking', async () => {
      const client = await arrive();
      client.say('27["getId"]');
      assert.equal(await client.hear(), `37["${client.sid}"]`);
      client.say('28["getHandshake"]');
      const [handshake] = JSON.parse((await client.hear()).slice(2));
      assert.deepEqual([handshake.query.EIO, handshake.auth], ['3', {}]);
      await client.close();
    });

    test('a refusal by the default namespace is a plain text, and others stay open', async () => {
      const client = await open('&fail=1');
      assert.equal(await client.hear(), '4"Auth failed (main namespace)"');
      client.say('0/fx,');
      assert.equal(await client.hear(), '0/fx,');
      await client.close();
    });

    test('V22 the query of a namespace is its auth', async () => {
      const client = await arrive();
      client.say('0/fx?token=a%20b&n=1,');
      assert.equal(await client.hear(), '0/fx,');
      client.say('2/fx,3["info"]');
      const [info] = JSON.parse((await client.hear()).slice('3/fx,3'.length));
      assert.deepEqual([info.auth, info.id, info.rooms, info.protocol, info.transport],
        [{ token: 'a b', n: '1' }, `/fx#${client.sid}`, [`/fx#${client.sid}`], 3, name]);
      await client.close();
    });

    test('a refusal is the error\'s data, or its message', async () => {
      const client = await arrive();
      client.say('0/mw?token=wrong,');
      assert.equal(await client.hear(), '4/mw,{"code":401,"label":"AUTH"}');
      client.say('0/no,');
      assert.equal(await client.hear(), '4/no,"Auth failed (custom namespace)"');
      client.say('0/none,');
      assert.equal(await client.hear(), '4/none,{"message":"Invalid namespace"}');
      client.say('0/mw?token=s3cret,');
      assert.equal(await client.hear(), '0/mw,');
      await client.close();
    });

    test('V21 events, acknowledgements and binary are as in later protocols', async () => {
      const client = await arrive();
      client.say('2["message",1,"2",{"3":[true]}]');
      assert.equal(await client.hear(), '2["message-back",1,"2",{"3":[true]}]');
      const bytes = Buffer.from([1, 2, 3, 255]);
      client.say('51-7["message-with-ack",{"_placeholder":true,"num":0}]', bytes);
      assert.equal(await client.hear(), '61-7[{"_placeholder":true,"num":0}]');
      assert.deepEqual(await client.hear(), bytes);
      client.say('2["ack"]');
      const [, id] = /^2(\d+)\["ack"\]$/.exec(await client.hear());
      client.say(`3${id}[5,{"test":1}]`);
      assert.equal(await client.hear(), '2["got it"]');
      await client.close();
    });

    test('both sides may leave a namespace', async () => {
      const client = await arrive();
      client.say('0/fx,');
      assert.equal(await client.hear(), '0/fx,');
      client.say('2/fx,["kick",false]');
      assert.equal(await client.hear(), '1/fx,');
      client.say('0/fx,');
      assert.equal(await client.hear(), '0/fx,');
      client.say('1/fx,', '0/fx,');
      assert.equal(await client.hear(), '0/fx,');
      client.say('2/fx,["kick",true]');
      assert.deepEqual([await client.hear(), await client.hear()].sort(), ['1', '1/fx,']);
      await client.ended();
    });

    test('what breaks the protocol ends the connection', async () => {
      for (const packet of ['0', '2/fx,["x"]', '9', '2["disconnect"]', '0/fx,[]']) {
        const client = await arrive();
        await client.say(packet);
        await client.ended();
      }
    });
  });
}
