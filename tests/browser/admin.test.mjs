// The Admin UI as it is published (npm: @socket.io/admin-ui), from a server of another origin as the hosted one is, in
// Chromium, looking at the real server (CHORUS_BIN). The tests tell one story, in order.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Device } from '../app/support/device.mjs';
import { deadline, until } from '../support/waiting.mjs';
import { launch } from './support/person.mjs';
import { ChatServer } from './support/server.mjs';

const HASH = '$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS'; // of "changeit"
const packageFile = createRequire(import.meta.url).resolve('@socket.io/admin-ui/package.json');
const pages = join(dirname(packageFile), 'ui', 'dist');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png' };

async function servePages() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(pages, normalize(pathname === '/' ? '/index.html' : pathname));
    try {
      const body = readFileSync(file);
      response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return server;
}

describe('the Admin UI', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'chorus-admin-ui-'));
  const problems = [];
  const devices = {};
  let site;
  let server;
  let browser;
  let page;

  const arrive = async (user, options) => {
    devices[user] = await Device.arrive({ url: server.url.slice(0, -1) }, user, options);
  };
  /** A page of the UI by its name in the navigation; the one before slides away meanwhile. */
  const turnTo = async (name) => {
    await page.locator('nav').getByText(name, { exact: true }).click();
    await until(async () => {
      const titles = await page.locator('.v-breadcrumbs').allInnerTexts();
      return titles.length === 1 && titles[0].trim() === name;
    }, `the page ${name}`);
  };
  /** Waits until the page says all of this; white space counts as one space. */
  const shows = async (...words) => {
    const seen = async () => (await page.locator('main').innerText()).replace(/\s+/g, ' ');
    await until(async () => {
      const text = await seen();
      return words.every((word) => (word instanceof RegExp ? word.test(text) : text.includes(word)));
    }, `the UI shows ${words.join(', ')}`).catch(async (error) => {
      throw new Error(`${error.message}; it shows: ${await seen()}`);
    });
  };
  const picture = async (name) => {
    const place = process.env.CHORUS_PICTURES;
    if (!place) return;
    mkdirSync(place, { recursive: true });
    await page.screenshot({ path: join(place, `admin-${name}.png`) });
  };

  before(async () => {
    site = await servePages();
    const origin = `http://localhost:${site.address().port}`;
    writeFileSync(join(folder, 'hash'), `${HASH}\n`);
    server = await ChatServer.start(
      '--admin-user', 'admin', '--admin-password-hash-file', join(folder, 'hash'), '--cors-origin', origin, '--cors-credentials',
    );
    await arrive('ada', { worker: 0 });
    await arrive('ben', { worker: 1, transports: ['polling'] });
    await devices.ada.ask('joinRoom', { room: 'kitchen' });

    browser = await launch();
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1400, height: 1000 } });
    await context.route((url) => url.hostname !== 'localhost', (route) => route.abort()); // its fonts, from elsewhere
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/ERR_FAILED/.test(message.text())) problems.push(message.text());
    });
    await page.goto(origin);
  });

  after(async () => {
    await browser?.close();
    Object.values(devices).forEach((device) => device.leave());
    await server?.stop();
    site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const signIn = async (password) => {
    await page.getByLabel('Server URL').fill(server.url.slice(0, -1));
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
  };

  test('does not let in who has a wrong password', async () => {
    await signIn('guess');
    await page.getByText('Invalid credentials').waitFor();
  });

  test('lets in who knows it, and shows the server and its counts', async () => {
    await signIn('changeit');
    await page.getByText('connected', { exact: true }).first().waitFor();
    await page.getByLabel('Password').waitFor({ state: 'hidden' });
    await shows(/HEALTHY 1 /i, /WebSocket 2 /, /HTTP long-polling 1 /, '/admin 1', /\/socket 2/, '/ 0');
    await picture('dashboard');
    await turnTo('Servers');
    await shows(/#\d+/, /healthy/i, /Uptime/);
  });

  test('shows clients of both workers with their transports', async () => {
    await turnTo('Clients');
    const ids = Object.values(devices).map(({ socket }) => socket.io.engine.id.slice(0, 12));
    await shows(...ids, 'HTTP long-polling', 'WebSocket', '1-3 of 3');
  });

  test('shows rooms and events of a namespace', async () => {
    await turnTo('Rooms');
    await page.getByLabel('Select namespace').locator('..').click();
    await page.getByRole('option').getByText('/socket', { exact: true }).click();
    await shows('kitchen');
    await picture('rooms');
    await devices.ben.ask('joinRoom', { room: 'garden' });
    await shows('garden');
    await turnTo('Events');
    await shows('Room joined', 'garden', 'Event received', devices.ben.socket.id);
    await picture('events');
  });

  test('shows a socket, and disconnects it', async () => {
    await turnTo('Sockets');
    const { id } = devices.ada.socket;
    await page.getByText(id).click();
    await shows(id, 'kitchen', 'WebSocket', 'node-XMLHttpRequest', 'worker 0');
    await picture('socket');
    const ended = new Promise((resolve) => devices.ada.socket.once('disconnect', resolve));
    await turnTo('Clients');
    const row = page.locator('tr').filter({ hasText: devices.ada.socket.io.engine.id.slice(0, 12) });
    await row.getByRole('button').click();
    assert.equal(await deadline(ended, 'the end of a socket'), 'io server disconnect');
    await turnTo('Sockets'); // a click on a row's button opens what the row is about, too
    await turnTo('Clients');
    await shows('1-2 of 2');
  });

  test('makes somebody leave a room', async () => {
    await turnTo('Rooms');
    const row = page.locator('tr').filter({ hasText: 'garden' });
    await row.getByRole('button').first().click();
    await turnTo('Sockets');
    await turnTo('Rooms');
    await until(async () => (await row.count()) === 0, 'the room is gone');
  });

  test('sees who comes and goes', async () => {
    await turnTo('Sockets');
    await arrive('cid', { worker: 1 });
    const row = page.locator('tr').filter({ hasText: devices.cid.socket.id });
    await row.waitFor();
    devices.cid.leave();
    await row.waitFor({ state: 'detached' });
  });

  test('asks for no password when it comes back', async () => {
    await page.reload();
    await page.getByText('connected', { exact: true }).first().waitFor();
    await turnTo('Clients');
    await shows(devices.ben.socket.io.engine.id.slice(0, 12));
    assert.equal(await page.getByLabel('Password').isVisible(), false);
    assert.deepEqual(problems, []);
  });
});
