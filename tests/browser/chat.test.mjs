// The chat page against the real server (CHORUS_BIN), in Chromium: Ada with a phone and a desktop on different workers,
// and her friend Ben. The tests tell one story, in order.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import '../vendor.mjs';
import { DESKTOP, PHONE, Person, launch } from './support/person.mjs';
import { ChatServer } from './support/server.mjs';

const numbered = (word, count) => Array.from({ length: count }, (_, at) => `${word} ${at + 1}`);

describe('chat', { timeout: 180000 }, () => {
  let server;
  let browser;
  let phone;
  let desktop;
  let ben;
  const said = []; // to everybody, so far
  const all = () => [phone, desktop, ben];

  before(async () => {
    server = await ChatServer.start();
    browser = await launch();
    desktop = await Person.arrive(browser, server.url, { ...DESKTOP, worker: 1 });
    phone = await Person.arrive(browser, server.url, { ...PHONE, worker: 0 });
    ben = await Person.arrive(browser, server.url, DESKTOP);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('lets one in and speak by keyboard alone', async () => {
    const { keyboard } = desktop.page;
    await keyboard.type('Ada');
    await keyboard.press('Enter');
    await desktop.online();
    await desktop.page.waitForFunction(() => document.activeElement.id === 'text');
    await keyboard.type('Hello from the keyboard');
    await keyboard.press('Shift+Enter');
    await keyboard.type('in two lines');
    await keyboard.press('Enter');
    said.push('Hello from the keyboard\nin two lines');
    await desktop.reads(said);
  });

  test('is walked through with arrows and shows where the focus is', async () => {
    await phone.login('Ada');
    await ben.login('Ben');
    await desktop.row('Ben').waitFor();
    const { keyboard } = desktop.page;
    const inList = () => desktop.page.evaluate(() => document.activeElement.closest('.row') !== null);
    for (let presses = 0; presses < 15 && !(await inList()); presses += 1) await keyboard.press('Shift+Tab');
    assert.ok(await inList(), 'the list is in the tab order');
    await keyboard.press('End');
    const outline = await desktop.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, 'solid');
    await keyboard.press('Enter');
    await desktop.sees('#thread-title', 'Ben');
    await desktop.open('Everybody');
  });

  test('serves the two devices of one user from different workers, and says so', async () => {
    const workers = [];
    for (const person of [phone, desktop]) {
      await person.sees('#this-worker', /^worker \d+ of 2$/);
      workers.push(await person.page.locator('#this-worker').textContent());
    }
    assert.notEqual(workers[0], workers[1]);
    for (const person of [phone, desktop]) {
      await person.page.locator('#devices .device').nth(1).waitFor({ state: 'attached' });
      const devices = await person.page
        .locator('#devices .device')
        .evaluateAll((nodes) => nodes.map(({ dataset }) => dataset.worker));
      assert.equal(new Set(devices).size, 2);
      await person.sees(
        '#devices .is-this .device-name',
        person === phone ? 'Phone, this device' : 'Desktop, this device',
      );
      await person.upgraded();
    }
  });

  test('brings what the phone says to the desktop and to the friend, once and in order', async () => {
    await phone.open('Everybody');
    for (const text of numbered('from the phone', 20)) {
      said.push(text);
      await phone.write(text);
    }
    for (const person of all()) await person.reads(said);
  });

  test('keeps the order of a talk from both sides', async () => {
    for (const [person, text] of [
      [ben, 'Which worker is it?'],
      [desktop, 'Two of them'],
      [phone, 'At the same time 🎉'],
    ]) {
      said.push(text);
      await person.write(text);
      for (const reader of all()) await reader.reads(said);
    }
  });

  test('shows markup as the text it is', async () => {
    said.push('<img src=x onerror="document.title=1"> & <b>bold</b>');
    await ben.write(said.at(-1));
    for (const person of all()) await person.reads(said);
  });

  test('counts what is unread and clears it when it is read', async () => {
    await ben.open('Ada');
    await ben.write('Just for you');
    await desktop.row('Ben').locator('.badge', { hasText: '1' }).waitFor();
    await desktop.page.waitForFunction(() => document.title.startsWith('(1) '));
    await desktop.open('Ben');
    await desktop.reads(['Just for you']);
    await desktop.page.waitForFunction(() => !document.title.startsWith('('));
    await phone.open('Ben');
    await phone.write('Got it on the phone');
    for (const person of all()) await person.reads(['Just for you', 'Got it on the phone']);
    for (const person of all()) {
      await person.open('Everybody');
      await person.reads(said);
    }
  });

  test('hints at who is typing, and not to the one who is', async () => {
    await ben.page.locator('#text').pressSequentially('Hm');
    for (const person of [desktop, phone]) {
      await person.page.locator('#typing.shown').waitFor();
      await person.sees('#typing', 'Ben is typing');
    }
    assert.equal(await ben.page.locator('#typing.shown').count(), 0);
    await ben.page.locator('#text').fill('');
    for (const person of [desktop, phone])
      await person.page.locator('#typing:not(.shown)').waitFor({ state: 'attached' });
  });

  test('shows who is online with how many devices', async () => {
    await ben.seesDevices('Ada', '2 devices');
    await desktop.seesDevices('Ben', '1 device');
    const tablet = await Person.arrive(browser, server.url, DESKTOP);
    await tablet.login('Ada');
    await ben.seesDevices('Ada', '3 devices');
    await tablet.reads(said);
    await tablet.leave();
    await ben.seesDevices('Ada', '2 devices');
    await desktop.page.waitForFunction(() => document.querySelectorAll('#devices .device').length === 2);
  });

  test('is two views on a phone, with a drawer that Escape closes', async () => {
    assert.ok(await phone.page.locator('#thread').isVisible());
    assert.ok(!(await phone.page.locator('#sidebar').isVisible()));
    await phone.page.locator('.thread-head .open-panel').click();
    await phone.page.locator('#panel.open').waitFor();
    await phone.page.keyboard.press('Escape');
    await phone.page.locator('#panel:not(.open)').waitFor({ state: 'attached' });
    assert.ok(await phone.page.evaluate(() => document.activeElement.matches('.thread-head .open-panel')));
    await phone.page.goBack();
    await phone.page.locator('#sidebar').waitFor();
    assert.ok(!(await phone.page.locator('#thread').isVisible()));
    const width = await phone.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, PHONE.viewport.width, 'nothing sticks out');
    await phone.open('Everybody');
  });

  test('survives a restart of the server: nothing missing, nothing doubled, all by itself', async () => {
    const inRoom = ['First in the garden'];
    await ben.joinRoom('garden');
    await desktop.joinRoom('garden');
    await phone.row('garden').waitFor({ state: 'attached' });
    await ben.write(inRoom[0]);
    for (const person of [ben, desktop]) {
      await person.reads(inRoom);
      await person.open('Everybody');
    }

    for (const person of all()) person.serverAway = true;
    said.push('Right before the end');
    await phone.write(said.at(-1));
    for (const person of all()) await person.reads(said);
    await ben.write('In the same moment');
    await server.stop();
    for (const person of all()) await person.offline();
    await desktop.write('Desktop, written offline');
    await desktop.page.locator('.message[data-state="queued"]').waitFor();
    await phone.write('Phone, written offline');
    await desktop.write('Desktop, and one more');
    assert.ok((await ben.texts()).length > said.length, 'the page keeps what it had, and what was written');

    // The phone comes back last and has to read what it missed.
    const letThrough = await phone.cutOff();
    await server.start();
    for (const person of [ben, desktop]) await person.online();
    await ben.write('Right after the start');
    // A message the old server took with it is offered again, and only then is it sent again.
    const underway = ['queued', 'sending', 'unsure'].map((state) => `.message[data-state="${state}"]`).join();
    await ben.page.waitForFunction((selector) => !document.querySelector(selector), underway);
    const again = ben.page.getByRole('button', { name: 'Try again' });
    if ((await again.count()) > 0) await again.click();
    await desktop.readsThatMany(said.length + 4);
    assert.ok(!(await phone.texts()).includes('Right after the start'));
    await letThrough();

    const fresh = [
      'In the same moment',
      'Desktop, written offline',
      'Phone, written offline',
      'Desktop, and one more',
      'Right after the start',
    ];
    for (const person of all()) await person.readsThatMany(said.length + fresh.length);
    const now = await desktop.texts();
    assert.deepEqual(now.slice(0, said.length), said);
    assert.deepEqual(now.slice(said.length).sort(), [...fresh].sort(), 'each once');
    assert.ok(now.indexOf('Desktop, written offline') < now.indexOf('Desktop, and one more'));
    said.splice(0, said.length, ...now);
    for (const person of all()) await person.reads(said);
    for (const person of all()) person.serverAway = false;

    for (const person of [ben, desktop]) {
      await person.open('garden');
      await person.reads(inRoom);
    }
    inRoom.push('And the room is still ours');
    await ben.write(inRoom[1]);
    await desktop.reads(inRoom);
    await phone.page.waitForFunction(() => document.querySelectorAll('#devices .device').length === 2);
    await ben.seesDevices('Ada', '2 devices');
    for (const person of all()) await person.upgraded();
  });

  test('comes in dark and in light, as the system or the user likes it', async () => {
    const dark = await Person.arrive(browser, server.url, { ...DESKTOP, colorScheme: 'dark' });
    const lightness = () =>
      dark.page.evaluate(() => {
        const [red, green, blue] = getComputedStyle(document.querySelector('.thread'))
          .backgroundColor.match(/\d+/g)
          .map(Number);
        return (red + green + blue) / 3;
      });
    await dark.login('Ada');
    await dark.upgraded(); // who leaves in the middle of an upgrade is missed only after upgrade_timeout
    assert.ok((await lightness()) < 60);
    await dark.page.locator('#theme-button').click();
    assert.ok((await lightness()) > 200);
    await dark.page.reload();
    await dark.upgraded();
    assert.ok((await lightness()) > 200, 'the choice is kept, and so is who is logged in');
    await dark.leave();
    assert.deepEqual(dark.problems, []);

    await phone.page.emulateMedia({ colorScheme: 'dark' });
    await phone.open('Everybody');
    await phone.page.emulateMedia({ colorScheme: 'light' });
  });

  test('lets one out and forgets', async () => {
    await desktop.page.getByRole('button', { name: 'Log out' }).click();
    await desktop.page.getByLabel('Your name').waitFor();
    await ben.seesDevices('Ada', '1 device');
    await desktop.page.reload();
    await desktop.page.getByLabel('Your name').waitFor();
  });

  test('has left no error or warning in any console', () => {
    for (const person of all()) assert.deepEqual(person.problems, []);
  });
});
