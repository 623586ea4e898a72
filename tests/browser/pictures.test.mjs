// Takes pictures of the page in use, for people to look at: SCREENSHOTS=directory. They assert nothing.

import { after, before, describe, test } from 'node:test';

import '../vendor.mjs';
import { DESKTOP, PHONE, Person, launch } from './support/person.mjs';
import { ChatServer } from './support/server.mjs';

const SHARP = { ...DESKTOP, deviceScaleFactor: 2 };
const TALK = [
  ['Ben Okafor', 'Good morning everybody 👋'],
  ['Mia Lindqvist', 'Morning! Is the new server up already?'],
  ['Ben Okafor', 'Since eight. One process, a worker for every core.'],
  ['Ben Okafor', 'My phone hangs on another worker than my laptop, and neither of them cares.'],
  ['Ada Lovelace', 'Looks good from here.'],
  ['Ada Lovelace', 'I restarted it a minute ago.\nDid anybody notice?'],
  ['Mia Lindqvist', 'Not a thing'],
  ['Mia Lindqvist', '🎉'],
  [
    'Tomás Vidal',
    'Nothing missing on my side either. I was on the train, came out of the tunnel, and there it all was.',
  ],
];

describe('pictures', { skip: !process.env.SCREENSHOTS, timeout: 120000 }, () => {
  let server;
  let browser;
  const people = new Map();

  before(async () => {
    server = await ChatServer.start();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('shows a talk, light and dark, on a phone and on a desktop', async () => {
    const first = await Person.arrive(browser, server.url, SHARP);
    await first.screenshot('login');
    await first.leave();
    for (const [at, name] of ['Ada Lovelace', 'Ben Okafor', 'Mia Lindqvist', 'Tomás Vidal'].entries()) {
      people.set(name, await Person.arrive(browser, server.url, { ...SHARP, worker: at % 2 }));
      await people.get(name).login(name);
    }
    const ada = people.get('Ada Lovelace');
    const ben = people.get('Ben Okafor');
    const mia = people.get('Mia Lindqvist');
    const texts = [];
    for (const [name, text] of TALK) {
      await people.get(name).write(text);
      texts.push(text);
      for (const person of people.values()) await person.reads(texts);
    }
    await ada.joinRoom('garden');
    await ben.joinRoom('garden');
    await ben.write('Tomatoes are in');
    await ada.reads(['Tomatoes are in']);
    await ada.open('Everybody');
    const phone = await Person.arrive(browser, server.url, { ...PHONE, worker: 1 });
    await phone.login('Ada Lovelace');
    await ben.open('Ada Lovelace');
    await ben.write('Lunch at one?');
    await ben.write('The usual place');
    await ada.row('Ben Okafor').locator('.badge', { hasText: '2' }).waitFor();
    await phone.row('Ben Okafor').locator('.badge', { hasText: '2' }).waitFor();

    for (const scheme of ['light', 'dark']) {
      for (const person of [ada, phone]) await person.page.emulateMedia({ colorScheme: scheme });
      await mia.page.locator('#text').pressSequentially('So');
      await ada.page.locator('#typing.shown').waitFor();
      await ada.screenshot(`desktop-${scheme}`);
      await phone.screenshot(`phone-${scheme}-list`);
      await phone.open('Everybody');
      await phone.screenshot(`phone-${scheme}`);
      await phone.page.locator('.thread-head .open-panel').click();
      await phone.screenshot(`phone-${scheme}-devices`);
      await phone.page.keyboard.press('Escape');
      await phone.page.goBack();
    }
  });
});
