// Socket.IO v5: joining and leaving namespaces, middlewares' refusals, the ends of sockets and connections.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { patient, startFixture } from '../support/fixture.mjs';
import { connect, transports } from '../support/packets.mjs';
import { Peer } from '../support/peer.mjs';
import { until } from '../support/waiting.mjs';

const fixture = await startFixture(patient);
after(() => fixture.stop());

/** Asks a socket of /fx how another one ended. */
async function reasonOf(id) {
  const observer = await transports.websocket(fixture);
  await connect(observer, '/fx');
  const end = await until(async () => {
    observer.send(`2/fx,7["op",{"op":"reason","id":${JSON.stringify(id)}}]`);
    const answer = await observer.next();
    assert.match(answer, /^3\/fx,7\[/);
    return JSON.parse(answer.slice('3/fx,7'.length))[0];
  }, `the end of ${id}`);
  observer.close();
  return end;
}

for (const [name, open] of Object.entries(transports)) {
  describe(`over ${name}`, { concurrency: true }, () => {
    test('a client joins the main namespace', async () => {
      const client = await open(fixture);
      const sid = await connect(client);
      assert.match(sid, /^[\w-]{20}$/);
      assert.notEqual(sid, client.sid, 'the session id is nobody else\'s business');
      assert.equal(await client.next(), '2["auth",{}]');
      client.close();
    });

    test('a client joins with a payload', async () => {
      const client = await open(fixture);
      await connect(client, '/', { token: '123', deep: [{ é: null }] });
      assert.equal(await client.next(), '2["auth",{"token":"123","deep":[{"é":null}]}]');
      client.close();
    });

    test('a client joins another namespace', async () => {
      const client = await open(fixture);
      await connect(client, '/custom', { token: 'abc' });
      assert.equal(await client.next(), '2/custom,["auth",{"token":"abc"}]');
      client.close();
    });

    test('a namespace may be asked for with a query', async () => {
      const client = await open(fixture);
      client.send('0/custom?key=value,{"token":"abc"}');
      assert.match(await client.next(), /^0\/custom,\{"sid":"[\w-]{20}"\}$/);
      assert.equal(await client.next(), '2/custom,["auth",{"token":"abc"}]');
      client.close();
    });

    test('a client joins several, each with an id of its own', async () => {
      const client = await open(fixture);
      const ids = [];
      for (const nsp of ['/fx', '/foo', '/asd', '/valid', '/dyn-1', '/dyn-2']) ids.push(await connect(client, nsp));
      assert.equal(new Set(ids).size, ids.length);
      client.close();
    });

    test('an unknown namespace is refused, and the connection lives', async () => {
      const client = await open(fixture);
      await connect(client, '/valid'); // else the time to connect in may be over on a busy machine
      for (const nsp of ['/random', '/dyn-', '/dyn-x', '/dyn-1x', '/xdyn-1', '/FX', '/fx/']) {
        client.send(`0${nsp},{"token":"123"}`);
        assert.equal(await client.next(), `4${nsp},{"message":"Invalid namespace"}`);
      }
      await connect(client, '/fx');
      client.close();
    });

    test('a middleware refuses with its words', async () => {
      const client = await open(fixture, '&fail=1');
      client.send('0');
      assert.equal(await client.next(), '4{"message":"Auth failed (main namespace)"}');
      client.send('0/no,');
      assert.equal(await client.next(), '4/no,{"message":"Auth failed (custom namespace)"}');
      client.send('0/fx,');
      assert.match(await client.next(), /^0\/fx,/);
      client.close();
    });

    test('a middleware refuses with data', async () => {
      const client = await open(fixture);
      for (const payload of ['', '{}', '{"token":"wrong"}', '{"token":7}']) {
        client.send(`0/mw,${payload}`);
        const answer = await client.next();
        assert.equal(answer, '4/mw,{"message":"not authorized","data":{"code":401,"label":"AUTH"}}');
      }
      await connect(client, '/mw', { token: 's3cret' });
      client.close();
    });

    test('a payload that is no object closes the connection', async () => {
      for (const packet of ['0"abc"', '0[]', '07[]', '0null', '0{', '0abc', '0/fx,[]', '0{}{}']) {
        const client = await open(fixture);
        client.send(packet);
        await client.ended();
      }
    });

    test('CL6 a second CONNECT closes the connection', async () => {
      const client = await open(fixture);
      const id = await connect(client, '/fx');
      client.send('0/fx,');
      await client.ended();
      assert.equal((await reasonOf(id)).reason, 'forced server close');
    });

    test('CL7 an event before CONNECT closes the connection', async () => {
      for (const packet of ['2["message"]', '2/fx,["echo"]', '3["x"]', '31["x"]', '1']) {
        const client = await open(fixture);
        client.send(packet);
        await client.ended();
      }
      const elsewhere = await open(fixture);
      await connect(elsewhere, '/fx');
      elsewhere.send('2/foo,["getId"]');
      await elsewhere.ended();
    });

    test('a client that leaves a namespace keeps the others', async () => {
      const client = await open(fixture);
      const id = await connect(client, '/fx');
      await connect(client, '/foo');
      client.send('2/fx,1["join",["a","b"]]');
      assert.equal((await client.next()).slice(0, 7), '3/fx,1[');
      client.send('1/fx,');
      client.send('2/foo,2["getId"]');
      assert.match(await client.next(), /^3\/foo,2\["/);
      assert.deepEqual(await reasonOf(id), { reason: 'client namespace disconnect', rooms: [id, 'a', 'b'].sort() });
      await connect(client, '/fx');
      client.close();
    });

    test('the main namespace may be left, and joined again', async () => {
      const client = await open(fixture);
      const first = await connect(client);
      await client.next();
      client.send('1');
      assert.notEqual(await connect(client), first);
      client.close();
    });

    test('the server ends one socket of a connection', async () => {
      const client = await open(fixture);
      const id = await connect(client, '/fx');
      await connect(client, '/foo');
      client.send('2/fx,["kick",false]');
      assert.equal(await client.next(), '1/fx,');
      client.send('2/foo,2["getId"]');
      assert.match(await client.next(), /^3\/foo,2\["/);
      assert.equal((await reasonOf(id)).reason, 'server namespace disconnect');
      client.close();
    });

    test('SK62 the server ends the connection with all its sockets', async () => {
      const client = await open(fixture);
      const ids = [await connect(client, '/fx'), await connect(client, '/dyn-7')];
      client.send('2/fx,["kick",true]');
      await client.ended();
      for (const id of ids) assert.equal((await reasonOf(id)).reason, 'server namespace disconnect');
    });

    test('NS12 the end of the connection ends every socket, with its rooms to the last', async () => {
      const client = await open(fixture);
      const ids = [await connect(client, '/fx'), await connect(client, '/dyn-7')];
      client.send('2/fx,1["join","room"]');
      await client.next();
      client.close();
      const end = await reasonOf(ids[0]);
      assert.match(end.reason, /^transport (close|error)$/);
      assert.deepEqual(end.rooms, [ids[0], 'room'].sort());
      assert.equal((await reasonOf(ids[1])).reason, end.reason);
    });

    test('NS24 a client that joins nothing in time is closed', async () => {
      const began = Date.now();
      await (await open(fixture)).ended();
      assert.ok(Date.now() - began >= patient.CONNECT_TIMEOUT - 20, `after ${Date.now() - began} ms`);
    });

    for (const [why, packet, answer] of [
      ['the namespace is unknown', '0/unknown,', /^4\/unknown,{"message":"Invalid namespace"}$/],
      ['a middleware refuses it', '0/no,', /^4\/no,{"message":"Auth failed \(custom namespace\)"}$/],
    ]) {
      test(`a client that was only refused is closed in time as well: ${why}`, async () => {
        const client = await open(fixture);
        client.send(packet);
        assert.match(await client.next(), answer);
        await client.ended();
      });
    }

    test('a client that joined stays beyond that time', async () => {
      const client = await open(fixture);
      const began = Date.now();
      await connect(client, '/fx');
      // Heartbeats are answered while this waits for what comes after the time limit.
      client.send(`2/fx,1["call","wait",[],${patient.CONNECT_TIMEOUT + 100}]`);
      assert.match(await client.next(), /^2\/fx,\d+\["wait"\]$/);
      assert.equal(await client.next(), '3/fx,1[{"timeout":true}]');
      assert.ok(Date.now() - began >= patient.CONNECT_TIMEOUT);
      client.close();
    });
  });
}

test('the reasons of transports are told', async () => {
  const silent = await Peer.open(`${fixture.wsUrl}/socket.io/?EIO=4&transport=websocket`);
  assert.match(await silent.next(), /^0/);
  silent.send('40/fx,');
  const silentId = JSON.parse((await silent.next()).slice('40/fx,'.length)).sid;
  assert.equal((await reasonOf(silentId)).reason, 'ping timeout');

  const polite = await transports.websocket(fixture);
  const politeId = await connect(polite, '/fx');
  polite.peer.send('1');
  assert.equal((await reasonOf(politeId)).reason, 'transport close');

  const broken = await transports.websocket(fixture);
  const brokenId = await connect(broken, '/fx');
  broken.peer.send('x');
  assert.equal((await reasonOf(brokenId)).reason, 'parse error');
});

test('a socket.io session is unknown to the other path', async () => {
  const client = await transports.polling(fixture);
  const response = await fetch(client.session.url.replace('/socket.io/', '/engine.io/'));
  assert.deepEqual([response.status, (await response.json()).code], [400, 1]);
  client.close();
});
