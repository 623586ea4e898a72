// Who is let in, and what the others are told.

import assert from 'node:assert/strict';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const TRANSPORTS = [['polling'], ['websocket'], ['polling', 'websocket']];

const TEXTS = {
  en: { noToken: 'Authorization failed, no token has been provided!', noUser: 'Something went wrong.' },
  fr: { noToken: "Échec de l'autorisation, aucun token n'a été fourni !", noUser: "Quelque chose s'est mal passé." },
};

for (const [lang, texts] of Object.entries(TEXTS)) {
  describe(`the development mode, lang ${lang}`, () => {
    let program;
    before(async () => (program = await Program.serve(['--lang', lang, '--workers', 2])));
    after(() => program.stop());

    for (const transports of TRANSPORTS) {
      test(`refuses a client without a token over ${transports}`, async () => {
        assert.equal(await Device.refused(program.url, { transports }), texts.noToken);
        assert.equal(await Device.refused(program.url, { transports, auth: { id: 'ada' } }), texts.noToken);
      });
      test(`refuses a client without an id over ${transports}`, async () => {
        assert.equal(await Device.refused(program.url, { transports, auth: { token: 'any' } }), texts.noUser);
      });
    }

    test('refuses an id that is too long', async () => {
      const auth = { token: 'any', id: 'x'.repeat(129) };
      assert.equal(await Device.refused(program.url, { auth }), texts.noUser);
    });

    test('refuses history the same way', async () => {
      const noToken = await program.get('/messages');
      assert.equal(noToken.status, 401);
      assert.deepEqual(noToken.body, { ok: false, error: texts.noToken });
      const noUser = await program.get('/messages', { authorization: 'Bearer any' });
      assert.equal(noUser.status, 401);
      assert.deepEqual(noUser.body, { ok: false, error: texts.noUser });
    });

    test('speaks its language in the handlers', async () => {
      const ada = await Device.arrive(program, 'ada');
      ada.tell('sendMessage');
      const { message } = await ada.next('message_sent');
      assert.equal(
        message,
        lang === 'fr' ? "Un message de l'utilisateur avec l'id: ada a été envoyé" : 'A message from user with id: ada has been send',
      );
      ada.tell('postUpdated');
      assert.equal(
        (await ada.next('post_updated_notification')).message,
        lang === 'fr'
          ? 'Un post dans lequel vous avez été mentionné a été mis à jour'
          : 'A post you have been mentioned in has been updated',
      );
      ada.leave();
    });
  });
}

describe('token and id', () => {
  let program;
  before(async () => (program = await Program.serve(['--workers', 2])));
  after(() => program.stop());

  const userOf = async (options) => {
    const device = new Device(program.url, options);
    const { user } = await device.next('welcome');
    device.leave();
    return user;
  };

  test('are taken from the auth payload before the query before the headers', async () => {
    const auth = { token: 'any', id: 'from auth' };
    const query = { token: 'any', id: 'from query' };
    const extraHeaders = { token: 'any', id: 'from headers' };
    assert.equal((await userOf({ auth, query, extraHeaders })).id, 'from auth');
    assert.equal((await userOf({ query, extraHeaders })).id, 'from query');
    assert.equal((await userOf({ extraHeaders })).id, 'from headers');
  });

  test('make the user whom welcome names', async () => {
    assert.deepEqual(await userOf({ auth: { token: 'any', id: 'Zoë' } }), { id: 'Zoë', firstName: 'Zoë', lastName: '' });
  });

  test('do not let anybody into a namespace that is not there', async () => {
    const device = new Device(`${program.url}/elsewhere`, { auth: { token: 'any', id: 'ada' } });
    const message = await new Promise((resolve) => device.socket.once('connect_error', (error) => resolve(error.message)));
    device.leave();
    assert.equal(message, 'Invalid namespace');
  });
});

describe('JSON Web Tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chorus-keys-'));
  after(() => rmSync(folder, { recursive: true }));

  const url64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const keyFile = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const secret = 'a secret that is longer than thirty-two bytes';
  const hs256 = (claims, key = secret) => {
    const text = `${url64({ alg: 'HS256', typ: 'JWT' })}.${url64(claims)}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const asymmetric = (alg, key, claims) => {
    const text = `${url64({ alg, typ: 'JWT' })}.${url64(claims)}`;
    const signature = createSign('sha256').update(text).sign({ key, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };
  const none = (claims) => `${url64({ alg: 'none', typ: 'JWT' })}.${url64(claims)}.`;
  const seconds = () => Math.floor(Date.now() / 1000);
  const refused = (program, auth) => Device.refused(program.url, { auth });

  test('signed with a shared secret name the user', async () => {
    const program = await Program.serve(['--token-key-file', keyFile('secret', secret)]);
    assert.match(program.stdout, /Tokens: +checked, HS256/);
    assert.doesNotMatch(program.stdout, /NOT CHECKED/);
    const claims = { sub: 'ada', firstName: 'Ada', lastName: 'Lovelace', exp: seconds() + 600 };
    const ada = new Device(program.url, { auth: { token: hs256(claims) } });
    assert.deepEqual((await ada.next('welcome')).user, { id: 'ada', firstName: 'Ada', lastName: 'Lovelace' });
    ada.leave();

    const noUser = TEXTS.en.noUser;
    assert.equal(await refused(program, { token: hs256(claims), id: 'eve' }), noUser);
    assert.equal(await refused(program, { token: hs256({ ...claims, exp: seconds() - 61 }) }), noUser);
    assert.equal(await refused(program, { token: hs256({ ...claims, nbf: seconds() + 120 }) }), noUser);
    assert.equal(await refused(program, { token: hs256({ firstName: 'Ada' }) }), noUser);
    assert.equal(await refused(program, { token: hs256(claims, 'another secret of more than 32 bytes') }), noUser);
    assert.equal(await refused(program, { token: none(claims) }), noUser);
    assert.equal(await refused(program, { token: 'any', id: 'ada' }), noUser);
    assert.equal(await refused(program, {}), TEXTS.en.noToken);

    const history = await program.get('/messages', { authorization: `Bearer ${hs256(claims)}`, id: 'ada' });
    assert.equal(history.status, 200);
    assert.equal((await program.get(`/messages?token=${hs256(claims)}`)).status, 200);
    assert.equal((await program.get('/messages', { authorization: `Bearer ${hs256(claims)}`, id: 'eve' })).status, 401);
    assert.equal(await program.stop(), 0);
  });

  for (const [alg, type, options] of [
    ['RS256', 'rsa', { modulusLength: 2048 }],
    ['ES256', 'ec', { namedCurve: 'P-256' }],
  ]) {
    test(`signed with ${alg} are checked by the public key, and by nothing else`, async () => {
      const { publicKey, privateKey } = generateKeyPairSync(type, options);
      const pem = publicKey.export({ type: 'spki', format: 'pem' });
      const program = await Program.serve(['--host', '0.0.0.0', '--token-key-file', keyFile(`${alg}.pem`, pem)]);
      assert.match(program.stdout, new RegExp(`Tokens: +checked, ${alg}`));
      const ada = new Device(program.url, { auth: { token: asymmetric(alg, privateKey, { sub: 'ada' }), id: 'ada' } });
      assert.equal((await ada.next('welcome')).user.id, 'ada');
      ada.leave();
      assert.equal(await refused(program, { token: hs256({ sub: 'ada' }, pem) }), TEXTS.en.noUser);
      assert.equal(await refused(program, { token: none({ sub: 'ada' }) }), TEXTS.en.noUser);
      await program.stop();
    });
  }

  test('may be checked by a key of the environment', async () => {
    const program = await Program.serve([], { CHORUS_TOKEN_KEY: secret });
    const ada = new Device(program.url, { auth: { token: hs256({ sub: 'ada' }) } });
    assert.equal((await ada.next('welcome')).user.id, 'ada');
    ada.leave();
    await program.stop();
  });
});
