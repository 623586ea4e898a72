// Tokens checked by a key set that changes while the program runs.

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { until } from '../support/waiting.mjs';
import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const NO_USER = 'Something went wrong.';

/** What an issuer has: keys by id, of which it publishes the public halves. */
class Issuer {
  static #kinds = {
    RS256: ['rsa', { modulusLength: 2048 }, 'sha256'],
    RS512: ['rsa', { modulusLength: 2048 }, 'sha512'],
    ES256: ['ec', { namedCurve: 'P-256' }, 'sha256'],
    ES384: ['ec', { namedCurve: 'P-384' }, 'sha384'],
    EdDSA: ['ed25519', {}, null],
  };
  #keys = new Map();

  add(kid, alg) {
    const [type, options, hash] = Issuer.#kinds[alg];
    this.#keys.set(kid, { alg, hash, ...generateKeyPairSync(type, options) });
  }

  publish(file, ...kids) {
    const keys = kids.map((kid) => {
      const { alg, publicKey } = this.#keys.get(kid);
      return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
    });
    writeFileSync(`${file}.new`, JSON.stringify({ keys }));
    renameSync(`${file}.new`, file);
  }

  token(kid, claims) {
    const { alg, hash, privateKey } = this.#keys.get(kid);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg, kid })}.${part(claims)}`;
    return `${text}.${sign(hash, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}

describe('a key set', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chorus-jwks-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'jwks.json');
  const claims = { sub: 'ada', iss: 'https://issuer.example', aud: ['chat', 'other'] };

  const admitted = async (program, token) => {
    const device = new Device(program.url, { auth: { token } });
    const { user } = await device.next('welcome');
    device.leave();
    return user.id === 'ada';
  };
  const refused = (program, token) => Device.refused(program.url, { auth: { token } });

  test('lets in whom each of its keys has signed for, and follows a rotation', async () => {
    const issuer = new Issuer();
    const algorithms = ['RS256', 'RS512', 'ES256', 'ES384', 'EdDSA'];
    for (const alg of algorithms) issuer.add(alg, alg);
    issuer.publish(file, ...algorithms);
    const program = await Program.serve(['--jwks', file, '--token-issuer', claims.iss, '--token-audience', 'chat']);
    assert.match(program.stdout, /Tokens: +checked, by the keys in /);
    for (const alg of algorithms) assert.ok(await admitted(program, issuer.token(alg, claims)), alg);
    assert.equal(await refused(program, issuer.token('ES256', { ...claims, iss: 'https://evil.example' })), NO_USER);
    assert.equal(await refused(program, issuer.token('ES256', { ...claims, aud: 'elsewhere' })), NO_USER);

    issuer.add('next', 'ES256');
    assert.equal(await refused(program, issuer.token('next', claims)), NO_USER);
    issuer.publish(file, 'next');
    // A token with the new key makes the program look at once a second at most; the old keys are gone from then on.
    await until(async () => {
      const status = await program.get('/messages', { authorization: `Bearer ${issuer.token('next', claims)}` });
      return status.status === 200;
    }, 'the new key');
    assert.equal(await refused(program, issuer.token('RS256', claims)), NO_USER);

    writeFileSync(file, 'no key set');
    assert.ok(await admitted(program, issuer.token('next', claims)));
    assert.equal(await program.stop(), 0);
  });
});
