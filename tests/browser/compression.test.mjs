// Chromium with a server that compresses: what it agrees on, and that the page says and hears the same as without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import '../vendor.mjs';
import { DESKTOP, Person, launch } from './support/person.mjs';
import { ChatServer } from './support/server.mjs';

describe('with compression', { timeout: 120000 }, () => {
  let server;
  let browser;
  let ada;
  let ben;

  before(async () => {
    server = await ChatServer.start('--per-message-deflate');
    browser = await launch();
    ada = await Person.arrive(browser, server.url, { ...DESKTOP, worker: 0 });
    ben = await Person.arrive(browser, server.url, { ...DESKTOP, worker: 1 });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('a browser negotiates permessage-deflate', async () => {
    const extensions = await ada.page.evaluate(() => new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${location.host}/socket.io/?EIO=4&transport=websocket`);
      socket.onopen = () => resolve(socket.extensions);
      socket.onerror = reject;
    }));
    assert.equal(extensions, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover');
  });

  test('its page comes compressed, and is not sent again', async () => {
    const [fresh, known] = await ada.page.evaluate(async () => {
      const fresh = await fetch('/app.js', { cache: 'no-store' });
      const known = await fetch('/app.js', { cache: 'no-store', headers: { 'If-None-Match': fresh.headers.get('etag') } });
      return [[fresh.status, fresh.headers.get('content-encoding'), (await fresh.text()).length > 100], [known.status]];
    });
    assert.deepEqual(fresh, [200, 'gzip', true]);
    assert.deepEqual(known, [304]);
  });

  test('people read what others wrote, short and long', async () => {
    await ada.login('Ada');
    await ben.login('Ben');
    for (const person of [ada, ben]) await person.upgraded();
    const said = ['short', 'long and longer '.repeat(200).trim(), 'ünï©ödé 🎵 '.repeat(150).trim()];
    for (const [i, text] of said.entries()) await (i % 2 === 0 ? ada : ben).write(text).then(() => ben.readsThatMany(i + 1));
    for (const person of [ada, ben]) await person.reads(said);
  });
});
