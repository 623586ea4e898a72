// Somebody in front of the chat page: a browser context of their own, what they see and what they do.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const DESKTOP = { viewport: { width: 1280, height: 800 } };

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What the browser itself says about a server that is away, and nothing else. */
const NETWORK_NOISE = [
  /^Failed to load resource: net::ERR_CONNECTION_(REFUSED|RESET|CLOSED|ABORTED)$/,
  /^Failed to load resource: net::ERR_INTERNET_DISCONNECTED$/,
  /^Failed to load resource: net::ERR_(EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)$/,
  /^Failed to load resource: the server responded with a status of 503 \(Service Unavailable\)$/,
  /^WebSocket connection to 'ws:\/\/localhost:\d+\/socket\.io\/\S*' failed: /,
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

export class Person {
  #context;
  problems = [];
  /** True while the server is known to be away. */
  serverAway = false;

  /** `worker`: where the server shall place this page; `options`: PHONE or DESKTOP and the browser context's others. */
  static async arrive(browser, url, { worker = null, ...options }) {
    const person = new Person();
    person.#context = await browser.newContext({ locale: 'en-GB', ...options });
    person.page = await person.#context.newPage();
    person.page.setDefaultTimeout(15000);
    person.#watch();
    await person.page.goto(worker === null ? url : `${url}?worker=${worker}`);
    return person;
  }

  leave() {
    return this.#context.close();
  }

  async login(name) {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Join the conversation' }).click();
    await this.online();
  }

  async online() {
    await this.page.waitForSelector('#link-state[data-phase="online"]', { state: 'attached' });
  }

  async offline() {
    await this.page.waitForSelector('#link-state[data-phase="offline"]', { state: 'attached' });
  }

  /** Over to WebSocket: the state the page stays in. */
  async upgraded() {
    await this.sees('#link-state', /websocket$/);
  }

  async open(name) {
    const back = this.page.locator('#back');
    if (await back.isVisible()) await back.click();
    await this.row(name).click();
    await this.sees('#thread-title', name);
  }

  /** From now on nothing gets through; answers the function that lets it through again. */
  async cutOff() {
    await this.#context.setOffline(true);
    return () => this.#context.setOffline(false);
  }

  row(name) {
    return this.page.locator('.row').filter({ has: this.page.locator('.row-name', { hasText: name }) });
  }

  /** Writes and sends; does not wait for anything to come of it. */
  async write(text) {
    await this.page.locator('#text').fill(text);
    await this.page.locator('#text').press('Enter');
  }

  async joinRoom(room) {
    const back = this.page.locator('#back');
    if (await back.isVisible()) await back.click();
    await this.page.getByRole('button', { name: 'Join a room' }).click();
    await this.page.getByLabel('Name of the room').fill(room);
    await this.page.getByLabel('Name of the room').press('Enter');
    await this.sees('#thread-title', room);
  }

  /** The texts on screen, top to bottom: what has arrived and what is on its way alike. */
  texts() {
    return this.page.locator('#messages .message .text').allTextContents();
  }

  /** Waits until exactly these messages are on screen, in this order, all of them sent. */
  async reads(expected) {
    const sentOnly = (wanted) => {
      const shown = [...document.querySelectorAll('#messages .message')];
      const sent = shown.every((message) => message.dataset.state === 'sent');
      return (
        sent &&
        JSON.stringify(shown.map((message) => message.querySelector('.text').textContent)) === JSON.stringify(wanted)
      );
    };
    await this.#settled(sentOnly, expected);
    assert.deepEqual(await this.texts(), expected);
    assert.ok(await this.page.evaluate(sentOnly, expected), 'all of them are sent');
  }

  /** Waits until so many messages are on screen and all of them are sent. */
  async readsThatMany(count) {
    const has = (wanted) => {
      const shown = [...document.querySelectorAll('#messages .message')];
      return shown.length >= wanted && shown.every(({ dataset }) => dataset.state === 'sent');
    };
    await this.#settled(has, count);
    const link = await this.page.locator('#link-state').textContent();
    const messages = this.page.locator('#messages .message');
    const shown = await messages.evaluateAll((all) => all.map((m) => `${m.dataset.state}: ${m.innerText}`));
    assert.ok(await this.page.evaluate(has, count), `${count} messages sent, not ${JSON.stringify(shown.slice(-8))}; ${link}`);
  }

  /** Waits until the element's text is, or matches, `expected`. */
  async sees(selector, expected) {
    const pattern = expected instanceof RegExp ? expected : null;
    await this.#settled(
      ({ selector: where, text, source }) => {
        const found = document.querySelector(where)?.textContent ?? '';
        return source === null ? found === text : new RegExp(source).test(found);
      },
      { selector, text: expected, source: pattern?.source ?? null },
    );
    const found = await this.page.locator(selector).first().textContent();
    assert.ok(pattern ? pattern.test(found) : found === expected, `${selector} says "${found}"`);
  }

  /** Waits until the page shows so many devices for somebody. */
  async seesDevices(name, words) {
    const shows = ([who, what]) =>
      [...document.querySelectorAll('#online .person-words')].some(
        (person) => person.firstChild.textContent === who && person.lastChild.textContent === what,
      );
    await this.#settled(shows, [name, words]);
    const found = await this.page.locator('#online .person-words').allInnerTexts();
    assert.ok(await this.page.evaluate(shows, [name, words]), `${name} has ${words}, not ${JSON.stringify(found)}`);
  }

  async screenshot(name) {
    if (!process.env.SCREENSHOTS) return;
    mkdirSync(process.env.SCREENSHOTS, { recursive: true });
    await this.page.evaluate(() => {
      const ending = document
        .getAnimations()
        .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity);
      return Promise.allSettled(ending.map((animation) => animation.finished));
    });
    await this.page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
  }

  /** A condition that never comes true is no failure here: the assertion that follows tells more. */
  async #settled(condition, argument) {
    await this.page.waitForFunction(condition, argument).catch((error) => {
      if (error.name !== 'TimeoutError') throw error;
    });
  }

  #watch() {
    this.page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      if (this.serverAway && NETWORK_NOISE.some((noise) => noise.test(message.text()))) return;
      this.problems.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    this.page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack}`));
    this.page.on('response', (response) => {
      if (response.status() >= 400 && !this.serverAway) this.problems.push(`${response.status()}: ${response.url()}`);
    });
  }
}
