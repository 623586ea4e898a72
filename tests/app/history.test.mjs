// The last messages over HTTP, and what a device missed.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Device } from './support/device.mjs';
import { Program } from './support/program.mjs';

const bearer = (id) => ({ authorization: 'Bearer any', id });
const textsOf = ({ body }) => body.messages.map(({ text }) => text);

describe('GET /messages', () => {
  let program;
  let ada;
  let ben;
  before(async () => {
    program = await Program.serve(['--workers', 2, '--test-placement']);
    ada = await Device.arrive(program, 'ada', { worker: 0 });
    ben = await Device.arrive(program, 'ben', { worker: 1 });
  });
  after(async () => {
    ada.leave();
    ben.leave();
    assert.equal(await program.stop(), 0);
  });

  test('starts empty', async () => {
    const answer = await program.get('/messages', bearer('ada'));
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.deepEqual(answer.body, { messages: [], more: false });
  });

  test('shows what the asker may see, newest last, as it was said', async () => {
    await ada.say('one');
    await ben.say('two', { user: 'ada' });
    await ada.ask('joinRoom', { room: 'kitchen' });
    await ada.say('three', { room: 'kitchen' });
    const answer = await program.get('/messages?limit=50', bearer('ada'));
    assert.deepEqual(textsOf(answer), ['one', 'two', 'three']);
    await ada.next('chat_message', ({ text }) => text === 'three');
    assert.deepEqual(answer.body.messages, ada.all('chat_message'));
    assert.deepEqual(textsOf(await program.get('/messages', bearer('ben'))), ['one', 'two']);
    assert.deepEqual(textsOf(await program.get('/messages', bearer('cid'))), ['one']);
  });

  test('takes token and id from the query too', async () => {
    assert.deepEqual(textsOf(await program.get('/messages?token=any&id=ben')), ['one', 'two']);
    assert.deepEqual(textsOf(await program.get('/messages', { token: 'any', id: 'ben' })), ['one', 'two']);
  });

  test('goes on page by page after an id', async () => {
    const { body } = await program.get('/messages?limit=1', bearer('ada'));
    assert.equal(body.more, true);
    const begin = (await program.get('/messages', bearer('ada'))).body.messages[0].id;
    for (let i = 0; i < 5; i += 1) await ada.say(`more ${i}`);
    const seen = [];
    let after = begin;
    for (let more = true; more; ) {
      const page = await program.get(`/messages?limit=2&after=${after}`, bearer('ada'));
      seen.push(...textsOf(page));
      after = page.body.messages.at(-1).id;
      more = page.body.more;
    }
    assert.deepEqual(seen, ['two', 'three', 'more 0', 'more 1', 'more 2', 'more 3', 'more 4']);
    assert.deepEqual((await program.get(`/messages?after=${after}`, bearer('ada'))).body, { messages: [], more: false });
  });

  test('names a wrong limit', async () => {
    for (const limit of ['0', '201', '-1', 'many', '1x']) {
      const answer = await program.get(`/messages?limit=${limit}`, bearer('ada'));
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.body, { ok: false, error: 'limit must be a number from 1 to 200' });
    }
  });

  test('stays readable when messages are as long as they may be', async () => {
    for (let i = 0; i < 100; i += 1) await ada.say('\u0001'.repeat(4000));
    const page = await program.get('/messages?limit=200', bearer('cid'));
    assert.equal(page.body.more, true);
    assert.ok(page.body.messages.length > 10);
  });

  test('fills the gap of a device that was away', async () => {
    const last = await ada.say('before');
    await ben.next('chat_message', ({ text }) => text === 'before');
    ben.socket.io.engine.close();
    for (let i = 0; i < 50; i += 1) ada.tell('sendMessage', { text: `away ${i}` });
    await ben.next('welcome');
    await ada.inStep();
    await ben.inStep();
    const missed = (await program.get(`/messages?limit=200&after=${last.id}`, bearer('ben'))).body.messages;
    const live = ben.all('chat_message').filter(({ text }) => text.startsWith('away'));
    const ids = new Set([...missed, ...live].map(({ id }) => id));
    assert.equal(ids.size, 50);
  });
});
