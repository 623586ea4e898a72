// HTTPS and WSS: the stock clients over every way, and Node's own TLS where they have no word for it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:https';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import * as tls from 'node:tls';
import { readFileSync } from 'node:fs';

import { Authority, PASSPHRASE } from '../support/certificates.mjs';
import { ask, connected, event, everyWay, open, operate, refusedWith, upgraded } from '../support/client.mjs';
import { startFixture } from '../support/fixture.mjs';
import { deadline, until } from '../support/waiting.mjs';

const authority = new Authority();
const { ca } = authority;
const hosts = ['DNS:localhost', 'IP:127.0.0.1'];
const server = authority.issue('server', hosts);
const anna = authority.issue('anna');
const foreign = new Authority();
const stranger = foreign.issue('stranger');
after(() => [authority, foreign].forEach((each) => each.remove()));

async function serve(settings = {}) {
  const fixture = await startFixture({
    WORKERS: 4, ALLOW_EIO3: 1, TLS_CERT: server.certFile, TLS_KEY: server.keyFile, ...settings,
  });
  fixture.url = `https://localhost:${fixture.port}`;
  return fixture;
}
async function serveFor(t, settings) {
  const fixture = await serve(settings);
  t.after(() => fixture.stop());
  return fixture;
}

const fixture = await serve();
after(() => fixture.stop());

/** A TLS connection of Node's, shaken hands. */
async function secure(t, { port }, options = {}) {
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...options });
  t.after(() => socket.destroy());
  await deadline(once(socket, 'secureConnect'), 'the handshake');
  return socket;
}
/** The status of a request over it. */
async function status(socket, path = '/healthz') {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [head] = await deadline(once(socket, 'data'), 'an answer');
  return Number(String(head).split(' ')[1]);
}

for (const { title, way, transports, generation } of everyWay()) {
  describe(title, { concurrency: 8 }, () => {
    const join = async (t, at = fixture, options = {}) => {
      const socket = open(t, at, '/fx', { transports, generation, ca, ...options });
      await connected(socket);
      return socket;
    };

    test('events go both ways, small, large and binary', async (t) => {
      const socket = await join(t);
      const large = 'ü'.repeat(100_000);
      for (const value of ['small', large, { deep: [1, null] }]) assert.deepEqual(await ask(socket, 'echo', value), value);
      const bytes = await ask(socket, 'echo', Buffer.alloc(70_000, 7));
      assert.deepEqual(Buffer.from(bytes), Buffer.alloc(70_000, 7));
      if (way.includes('then')) await upgraded(socket);
      assert.deepEqual(await ask(socket, 'echo', 'still here'), 'still here');
    });

    test('a broadcast reaches clients wherever they live', async (t) => {
      const room = `${title} room`;
      const sockets = await Promise.all(Array.from({ length: 8 }, () => join(t)));
      for (const socket of sockets) await ask(socket, 'join', room);
      const heard = sockets.map((socket) => event(socket, 'news'));
      await operate(sockets[0], 'emit', { rooms: [room], event: 'news', args: ['x'.repeat(3_000)] });
      for (const args of await Promise.all(heard)) assert.deepEqual(args, ['x'.repeat(3_000)]);
    });

    test('an authority that is not trusted keeps the client away', async (t) => {
      const socket = open(t, fixture, '/fx', { transports, generation, ca: foreign.ca });
      assert.ok(await refusedWith(socket));
    });
  });
}

describe('certificates of clients', async () => {
  const requiring = await serve({ TLS_CLIENT_CA: authority.certFile, TLS_CLIENT_CERTS: 'require' });
  after(() => requiring.stop());
  const asking = await serve({ TLS_CLIENT_CA: authority.certFile, TLS_CLIENT_CERTS: 'request' });
  after(() => asking.stop());
  const transports = { polling: ['polling'], websocket: ['websocket'] };
  const comesIn = async (t, at, options) => {
    const socket = open(t, at, '/fx', { ca, ...options });
    await connected(socket);
    assert.deepEqual(await ask(socket, 'echo', 'in'), 'in');
  };

  for (const [id, way] of [['ES104', 'polling'], ['ES106', 'websocket']])
    test(`${id}: a client with a certificate comes in over ${way}, and nobody without`, async (t) => {
      await comesIn(t, requiring, { transports: transports[way], cert: anna.cert, key: anna.key });
      await refusedWith(open(t, requiring, '/fx', { ca, transports: transports[way] }));
      await refusedWith(open(t, requiring, '/fx', {
        ca, transports: transports[way], cert: stranger.cert, key: stranger.key,
      }));
    });

  test('ES105: where a certificate is not required, a client comes in without', async (t) => {
    for (const way of Object.values(transports)) {
      await comesIn(t, asking, { transports: way });
      await comesIn(t, asking, { transports: way, cert: anna.cert, key: anna.key });
      await comesIn(t, asking, { transports: way, cert: stranger.cert, key: stranger.key });
    }
  });

  for (const [id, way] of [['ES107', 'polling'], ['ES108', 'websocket']])
    test(`${id}: a client shows the certificate in its PFX over ${way}`, async (t) => {
      await comesIn(t, requiring, { transports: transports[way], pfx: anna.pfx, passphrase: PASSPHRASE });
    });
});

test('a server may have its certificate from a PFX', async (t) => {
  const own = await serveFor(t, { TLS_CERT: '', TLS_KEY: '', TLS_PFX: server.pfxFile, TLS_PASSPHRASE: PASSPHRASE });
  const socket = await secure(t, own);
  assert.equal(socket.getPeerCertificate().subject.CN, 'server');
  assert.equal(await status(socket), 200);
});

test('the certificate is the one for the name that is asked for', async (t) => {
  const wild = authority.joined(authority.issue('wild', ['DNS:*.example.net']), 'wild_joined.pem');
  const chat = authority.joined(authority.issue('chat', ['DNS:chat.example']), 'chat_joined.pem');
  const several = await serveFor(t, { TLS_FURTHER: `${wild},${chat}` });
  for (const [servername, shown] of [
    ['localhost', 'server'], ['a.example.net', 'wild'], ['chat.example', 'chat'],
  ]) {
    const socket = await secure(t, several, { servername });
    assert.equal(socket.getPeerCertificate().subject.CN, shown);
    assert.equal(await status(socket), 200);
  }
});

test('HTTP/1.1 is agreed on among what a client offers, and nothing else', async (t) => {
  assert.equal((await secure(t, fixture, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol, 'http/1.1');
  assert.equal((await secure(t, fixture)).alpnProtocol, false);
  await assert.rejects(secure(t, fixture, { ALPNProtocols: ['h2'] }));
});

for (const version of ['TLSv1.2', 'TLSv1.3'])
  test(`a session of ${version} is taken up by whichever worker accepts, also after a reload`, async (t) => {
    const options = { minVersion: version, maxVersion: version };
    const first = await secure(t, fixture, options);
    assert.equal(first.isSessionReused(), false);
    const session = first.getProtocol() === 'TLSv1.2' ? first.getSession() : (await once(first, 'session'))[0];
    for (let i = 0; i < 12; ++i) {
      const again = await secure(t, fixture, { ...options, session });
      assert.equal(again.isSessionReused(), true);
      assert.equal(await status(again), 200);
      if (i === 5) assert.equal(await fixture.reload(), 'RELOADED');
    }
  });

test('older versions than 1.2 are refused', async (t) => {
  await assert.rejects(secure(t, fixture, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }));
});

test('new certificates are for new connections, and a bad file changes nothing', async (t) => {
  const [certFile, keyFile] = ['cert', 'key'].map((part) => authority.write(`changing.${part}`, server[part]));
  const changing = await serveFor(t, { TLS_CERT: certFile, TLS_KEY: keyFile });
  const shown = async () => (await secure(t, changing)).getPeerCertificate().subject.CN;
  const old = await secure(t, changing);
  const client = open(t, changing, '/fx', { ca, transports: ['websocket'] });
  await connected(client);
  assert.equal(await shown(), 'server');

  const next = authority.issue('next', hosts);
  authority.write('changing.cert', next.cert);
  assert.equal(await changing.reload(),
    `NOT RELOADED tls.certificate.key_file: '${keyFile}' does not hold the key of the certificate: key values mismatch`);
  assert.equal(await shown(), 'server');
  authority.write('changing.key', next.key);
  assert.equal(await changing.reload(), 'RELOADED');
  assert.equal(await shown(), 'next');
  assert.equal(await status(old), 200);
  assert.deepEqual(await ask(client, 'echo', 'still here'), 'still here');
});

test('plain HTTP is not answered, and costs nobody else', async (t) => {
  const plain = connect(fixture.port, '127.0.0.1');
  t.after(() => plain.destroy());
  let heard = '';
  plain.on('data', (bytes) => (heard += bytes.toString('latin1'))).on('error', () => {});
  plain.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await deadline(once(plain, 'close'), 'the end');
  assert.doesNotMatch(heard, /HTTP\/1\.1/);
  assert.equal(await status(await secure(t, fixture)), 200);
});

test('requests of one connection are answered one after the other', async () => {
  const bodies = [];
  for (let i = 0; i < 5; ++i)
    bodies.push(new Promise((resolve, reject) => {
      get(`${fixture.url}/healthz`, { ca }, (answer) => answer.setEncoding('utf8').on('data', resolve)).on('error', reject);
    }));
  assert.deepEqual(await deadline(Promise.all(bodies), 'the answers'), Array(5).fill('ok\n'));
});
