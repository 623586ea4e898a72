// The program over TLS: alone and with several processes, and what it says when a file is wrong.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:https';
import { after, test } from 'node:test';
import { connect } from 'node:tls';

import { Authority, PASSPHRASE } from '../support/certificates.mjs';
import { upgraded } from '../support/client.mjs';
import { deadline, until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { run } from './support/program.mjs';
import { Instance, allReady } from './support/supervised.mjs';

const authority = new Authority();
const { ca } = authority;
after(() => authority.remove());
const hosts = ['DNS:localhost', 'IP:127.0.0.1'];
const server = authority.issue('server', hosts);
const arguments_ = ['--tls-cert', server.certFile, '--tls-key', server.keyFile];

async function serve(t, args, env) {
  const program = await new Instance(t).serve(args, env);
  return { program, url: program.url.replace('http', 'https') };
}

async function secure(t, port, options = {}) {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...options });
  t.after(() => socket.destroy());
  await deadline(once(socket, 'secureConnect'), 'the handshake');
  return socket;
}
const shown = async (t, port) => (await secure(t, port)).getPeerCertificate().subject.CN;

const fetchText = (url) => deadline(new Promise((resolve, reject) => {
  get(url, { ca }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve(text)).on('error', reject);
  }).on('error', reject);
}), url);

test('serves page and chat over HTTPS, and says so', async (t) => {
  const { program, url } = await serve(t, arguments_);
  assert.match(program.stdout, new RegExp(`Open: +${url}\n`));
  assert.match(await fetchText(`${url}/`), /<!doctype html>/i);
  const device = await Device.arrive({ url }, 'anna', { ca });
  t.after(() => device.leave());
  await device.inStep();
});

test('a session finds its process whichever its encrypted connections reach, its WebSocket too', async (t) => {
  const { program, url } = await serve(t, ['--processes', 3, '--workers', 2, ...arguments_]);
  const devices = await Promise.all(Array.from({ length: 30 }, (_, i) => Device.arrive({ url }, `user-${i}`, { ca })));
  t.after(() => devices.forEach((device) => device.leave()));
  await Promise.all(devices.map(({ socket }) => upgraded(socket)));
  const text = 'x'.repeat(3_000);
  for (const [i, device] of devices.entries()) await device.say(`${i} ${text}`, { user: `user-${(i + 1) % devices.length}` });
  for (const device of devices) await device.inStep();
});

test('a session of TLS is taken up by whichever process accepts', async (t) => {
  const { program } = await serve(t, ['--processes', 3, ...arguments_]);
  const first = await secure(t, program.port, { maxVersion: 'TLSv1.2' });
  const session = first.getSession();
  for (let i = 0; i < 12; ++i)
    assert.equal((await secure(t, program.port, { maxVersion: 'TLSv1.2', session })).isSessionReused(), true);
});

test('takes up certificates that were replaced, in every process, and no connection ends', async (t) => {
  const [certFile, keyFile] = ['cert', 'key'].map((part) => authority.write(`watched.${part}`, server[part]));
  const instance = new Instance(t);
  const program = await instance.serve(
    ['--processes', 2, '--tls-cert', certFile, '--tls-key', keyFile, '--tls-watch-interval', '50ms']);
  const url = program.url.replace('http', 'https');
  const before = await instance.processes(program.port, allReady, 'both ready');
  const device = await Device.arrive({ url }, 'anna', { ca, transports: ['websocket'], reconnection: false });
  t.after(() => device.leave());
  const next = authority.issue('next', hosts);
  authority.write('watched.cert', next.cert);
  await until(() => /tls_not_reloaded.*--tls-key/.test(program.stderr), 'the word that the key is another one');
  assert.equal(await shown(t, program.port), 'server');
  authority.write('watched.key', next.key);
  let inRow = 0;
  await until(async () => (inRow = (await shown(t, program.port)) === 'next' ? inRow + 1 : 0) >= 12, 'the next certificate');
  await device.inStep();
  const now = await instance.processes(program.port, allReady, 'both ready');
  assert.deepEqual(now.map(({ pid }) => pid), before.map(({ pid }) => pid));
});

test('SIGHUP reads the certificates again where there is no supervisor', async (t) => {
  const certFile = authority.joined(server, 'alone.pem');
  const { program } = await serve(t, ['--no-supervisor', '--tls-cert', certFile, '--tls-watch-interval', '0s']);
  assert.equal(await shown(t, program.port), 'server');
  authority.joined(authority.issue('alone', hosts), 'alone.pem');
  process.kill(program.pid, 'SIGHUP');
  await until(async () => (await shown(t, program.port)) === 'alone', 'the next certificate');
});

test('a PFX and its passphrase stand for certificate and key', async (t) => {
  const passphraseFile = authority.write('passphrase', `${PASSPHRASE}\n`);
  for (const [args, env] of [
    [['--tls-pfx', server.pfxFile, '--tls-passphrase-file', passphraseFile], {}],
    [['--tls-pfx', server.pfxFile], { CHORUS_TLS_PASSPHRASE: PASSPHRASE }],
  ]) {
    const { program } = await serve(t, args, env);
    assert.equal(await shown(t, program.port), 'server');
  }
});

test('clients come in with a certificate only, where one is required', async (t) => {
  const anna = authority.issue('anna');
  const { url } = await serve(t, [...arguments_, '--tls-client-ca', authority.certFile, '--tls-client-certs', 'require']);
  const device = await Device.arrive({ url }, 'anna', { ca, cert: anna.cert, key: anna.key });
  t.after(() => device.leave());
  await Device.refused(url, { ca, auth: { token: 'any', id: 'anna' } });
});

test('says which option and which file it cannot use, with and without a supervisor', async () => {
  const other = authority.issue('other');
  for (const alone of [[], ['--no-supervisor']])
    for (const [args, sentence] of [
      [['--tls-cert', '/nowhere.pem'], "--tls-cert: '/nowhere.pem' cannot be read: No such file or directory"],
      [['--tls-cert', server.certFile, '--tls-key', other.keyFile],
        `--tls-key: '${other.keyFile}' does not hold the key of the certificate: key values mismatch`],
      [['--tls-cert', server.certFile], `--tls-cert: '${server.certFile}' holds no key that can be read`],
      [[...arguments_, '--tls-client-ca', server.keyFile],
        `--tls-client-ca: '${server.keyFile}' holds no certificate in PEM`],
    ]) {
      const { code, stderr } = await run(['serve', '--port', 0, ...alone, ...args]);
      assert.equal(code, 1, stderr);
      assert.ok(stderr.includes(`chorus: ${sentence}`), stderr);
    }
});
