// The page's memory, without a page: web/state.js, web/outbox.js and what thread.js makes of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isInThisProcess, placeOf } from '../../web/describe.js';
import { OUTBOX_MAX, Outbox } from '../../web/outbox.js';
import {
  EVERYBODY,
  People,
  Store,
  THREAD_MAX,
  TYPING_MS,
  Typing,
  conversationOf,
  keyOf,
  targetOf,
} from '../../web/state.js';
import { itemsOf } from '../../web/thread.js';

const START = Date.UTC(2026, 0, 5, 12);
const user = (id) => ({ id, firstName: id, lastName: '' });
/** The message of second `at`, from `from` ("ada" is the user of the page). */
function said(at, from = 'ben', to = EVERYBODY, text = `text ${at}`) {
  const id = String(at).padStart(6, '0');
  return { id, time: new Date(START + at * 1000).toISOString(), from: user(from), to, text };
}
const texts = (store, key = EVERYBODY) => store.thread(key).map((message) => message.text);

describe('conversations', () => {
  test('a direct message belongs to the other side, whoever wrote it', () => {
    assert.equal(conversationOf(said(1, 'ben', { user: 'ada' }), 'ada'), 'user:ben');
    assert.equal(conversationOf(said(1, 'ada', { user: 'ben' }), 'ada'), 'user:ben');
    assert.equal(conversationOf(said(1, 'ben', { room: 'garden' }), 'ada'), 'room:garden');
    assert.equal(conversationOf(said(1, 'ben', undefined), 'ada'), EVERYBODY);
  });

  test('key and target lead back to each other, with colons in the names too', () => {
    for (const to of [EVERYBODY, { room: 'a:b' }, { user: 'user:x' }]) assert.deepEqual(targetOf(keyOf(to)), to);
  });
});

describe('store', () => {
  test('merges by id, in the order of the ids, whatever the order of arrival', () => {
    const store = new Store('ada');
    assert.equal(store.merge([said(3), said(1)]).length, 2);
    assert.deepEqual(
      store.merge([said(2), said(3)]).map((message) => message.id),
      ['000002'],
    );
    assert.deepEqual(texts(store), ['text 1', 'text 2', 'text 3']);
  });

  test('live messages after a reconnect do not hide the gap before them', () => {
    const store = new Store('ada');
    store.mergeHistory([said(1), said(20)]);
    store.endGap();
    store.beginGap();
    store.merge([said(90)]);
    assert.equal(store.catchUpAfter(), '000001', 'reaches back behind 20, and not to 90');
    store.mergeHistory([said(20), said(50), said(90)]);
    store.endGap();
    assert.deepEqual(texts(store), ['text 1', 'text 20', 'text 50', 'text 90']);
    assert.equal(store.catchUpAfter(), '000050');
  });

  test('a catch-up broken off halfway goes on where it was', () => {
    const store = new Store('ada');
    store.mergeHistory([said(1)]);
    store.endGap();
    store.beginGap();
    store.mergeHistory([said(30)]);
    store.merge([said(99)]);
    store.beginGap();
    store.merge([said(120)]);
    assert.equal(store.catchUpAfter(), '000001');
  });

  test('has nothing to lean on before the first history', () => {
    assert.equal(new Store('ada').catchUpAfter(), null);
  });

  test('leans on the oldest when everything known is young', () => {
    const store = new Store('ada');
    store.mergeHistory([said(1), said(2, 'ben', { room: 'garden' })]);
    store.endGap();
    assert.equal(store.catchUpAfter(), '000001');
  });

  test('counts as unread what others said after what was read', () => {
    const store = new Store('ada');
    store.mergeHistory([said(1)]);
    store.endGap();
    assert.equal(store.unread(EVERYBODY), 0, 'what was there at first is not news');
    store.merge([said(2), said(3), said(4, 'ben', { user: 'ada' })]);
    assert.equal(store.unread(EVERYBODY), 2);
    assert.equal(store.firstUnread(EVERYBODY), '000002');
    assert.equal(store.totalUnread(), 3);
    assert.ok(store.markRead(EVERYBODY));
    assert.ok(!store.markRead(EVERYBODY));
    assert.equal(store.totalUnread(), 1);
  });

  test('takes an own answer from another device as a sign of having read', () => {
    const store = new Store('ada');
    store.endGap();
    store.merge([said(1), said(2, 'ada'), said(3)]);
    assert.equal(store.unread(EVERYBODY), 1);
  });

  test('remembers over a reload what was read', () => {
    const store = new Store('ada');
    store.mergeHistory([said(1)]);
    store.endGap();
    store.merge([said(2)]);
    store.markRead(EVERYBODY);
    const kept = JSON.parse(JSON.stringify(store.readState()));
    const reloaded = new Store('ada', kept);
    reloaded.mergeHistory([said(1), said(2), said(3)]);
    reloaded.endGap();
    assert.equal(reloaded.unread(EVERYBODY), 1);
  });

  test('keeps the newest messages of a conversation and takes none of the old ones back', () => {
    const store = new Store('ada');
    store.merge(Array.from({ length: THREAD_MAX + 1 }, (_, at) => said(at)));
    assert.equal(store.thread(EVERYBODY).length, THREAD_MAX);
    assert.equal(store.merge([said(0)]).length, 0);
    assert.equal(store.thread(EVERYBODY)[0].text, 'text 1');
  });
});

describe('people and typing', () => {
  test('presence follows the number of devices, names stay', () => {
    const people = new People();
    people.setAll([{ ...user('ben'), devices: 1 }]);
    people.update({ user: { id: 'mia', firstName: 'Mia', lastName: 'Berg' }, online: true, devices: 2 });
    assert.deepEqual(
      people.online().map(({ name, devices }) => [name, devices]),
      [
        ['ben', 1],
        ['Mia Berg', 2],
      ],
    );
    people.update({ user: { id: 'mia', firstName: 'Mia', lastName: 'Berg' }, online: false, devices: 0 });
    assert.equal(people.devices('mia'), 0);
    assert.equal(people.name('mia'), 'Mia Berg');
  });

  test('a device says where it is, and whether that is in another process', () => {
    const devices = [{ worker: 1 }, { worker: 1, here: true }, { worker: 1, here: false }];
    assert.deepEqual(devices.map(placeOf), ['worker 1', 'worker 1', 'another process, worker 1']);
    assert.deepEqual(devices.map(isInThisProcess), [true, true, false]);
  });

  test('a typing hint lapses by itself', () => {
    const typing = new Typing();
    typing.set(EVERYBODY, 'ben', true, 1000);
    assert.deepEqual(typing.active(EVERYBODY, 1000 + TYPING_MS - 1), ['ben']);
    assert.deepEqual(typing.active(EVERYBODY, 1000 + TYPING_MS), []);
  });
});

describe('outbox', () => {
  const write = (outbox, text) =>
    outbox.add({ key: EVERYBODY, to: EVERYBODY, text, time: new Date(START).toISOString() });
  const shown = (outbox) => outbox.visible(EVERYBODY).map(({ text, state }) => [text, state]);

  test('hands over what waits once, in order', () => {
    const outbox = new Outbox();
    write(outbox, 'one');
    write(outbox, 'two');
    assert.deepEqual(
      outbox.takeQueued('').map(({ text }) => text),
      ['one', 'two'],
    );
    assert.deepEqual(outbox.takeQueued(''), []);
  });

  test('the message takes the place of its entry before the answer comes, and the answer settles it', () => {
    const outbox = new Outbox();
    const { localId } = write(outbox, 'one');
    outbox.takeQueued('000001');
    outbox.claim(said(2, 'ada', EVERYBODY, 'one'), EVERYBODY);
    assert.deepEqual(shown(outbox), []);
    outbox.confirm(localId, '000002');
    assert.equal(outbox.originOf('000002'), localId);
    assert.equal(outbox.waiting(), 0);
  });

  test('the same words twice need two messages', () => {
    const outbox = new Outbox();
    write(outbox, 'ok');
    write(outbox, 'ok');
    outbox.takeQueued('');
    outbox.claim(said(1, 'ada', EVERYBODY, 'ok'), EVERYBODY);
    assert.deepEqual(shown(outbox), [['ok', 'sending']]);
    outbox.claim(said(2, 'ada', EVERYBODY, 'ok'), EVERYBODY);
    assert.deepEqual(shown(outbox), []);
  });

  test('the answer overrules a match with the same words of another device', () => {
    const outbox = new Outbox();
    const { localId } = write(outbox, 'ok');
    outbox.takeQueued('');
    outbox.claim(said(1, 'ada', EVERYBODY, 'ok'), EVERYBODY);
    outbox.confirm(localId, '000002');
    assert.equal(outbox.originOf('000001'), null);
    assert.equal(outbox.originOf('000002'), localId);
  });

  test('older messages, other words and other conversations are no match', () => {
    const outbox = new Outbox();
    write(outbox, 'ok');
    outbox.takeQueued('000005');
    outbox.claim(said(5, 'ada', EVERYBODY, 'ok'), EVERYBODY);
    outbox.claim(said(6, 'ada', EVERYBODY, 'OK'), EVERYBODY);
    outbox.claim(said(7, 'ada', { room: 'garden' }, 'ok'), 'room:garden');
    assert.deepEqual(shown(outbox), [['ok', 'sending']]);
  });

  test('what the link took with it is found in the history, or has failed', () => {
    const outbox = new Outbox();
    const arrived = write(outbox, 'arrived');
    const lost = write(outbox, 'lost');
    outbox.takeQueued('');
    outbox.doubt(arrived.localId);
    outbox.doubt(lost.localId);
    assert.deepEqual(shown(outbox), [
      ['arrived', 'unsure'],
      ['lost', 'unsure'],
    ]);
    outbox.claim(said(1, 'ada', EVERYBODY, 'arrived'), EVERYBODY);
    outbox.settle();
    assert.deepEqual(shown(outbox), [['lost', 'failed']]);
    assert.deepEqual(outbox.takeQueued(''), [], 'nothing is sent twice by itself');
  });

  test('what was given up and arrives after all is not offered any more', () => {
    const outbox = new Outbox();
    const { localId } = write(outbox, 'late');
    outbox.takeQueued('');
    outbox.doubt(localId);
    outbox.settle();
    outbox.claim(said(1, 'ada', EVERYBODY, 'late'), EVERYBODY);
    assert.equal(outbox.get(localId), null);
    assert.equal(outbox.originOf('000001'), localId);
  });

  test('a refused entry can be tried again or discarded', () => {
    const outbox = new Outbox();
    const one = write(outbox, 'one');
    const two = write(outbox, 'two');
    outbox.takeQueued('');
    outbox.refuse(one.localId, 'no');
    outbox.refuse(two.localId, 'no');
    outbox.claim(said(1, 'ada', EVERYBODY, 'one'), EVERYBODY);
    assert.deepEqual(
      shown(outbox),
      [
        ['one', 'failed'],
        ['two', 'failed'],
      ],
      'refused is refused',
    );
    outbox.retry(one.localId, new Date(START).toISOString());
    outbox.discard(two.localId);
    assert.deepEqual(
      outbox.takeQueued('').map(({ text }) => text),
      ['one'],
    );
  });

  test('takes so many and no more', () => {
    const outbox = new Outbox();
    for (let at = 0; at < OUTBOX_MAX; at += 1) assert.ok(write(outbox, 'x'));
    assert.equal(write(outbox, 'x'), null);
  });
});

describe('log', () => {
  const look = (messages, entries = [], dividerId = null) =>
    itemsOf({ messages, entries, me: 'ada', dividerId, originOf: () => null, now: new Date(START) });
  const outline = (items) =>
    items.map((item) => (item.kind === 'bubble' ? (item.first ? 'f' : '') + (item.last ? 'l' : '') : item.kind));

  test('groups what one sender says in one go', () => {
    const messages = [said(1), said(2), said(3), said(4, 'mia'), said(400, 'mia')];
    assert.deepEqual(outline(look(messages)), ['day', 'f', '', 'l', 'fl', 'fl']);
  });

  test('starts a new group after a new day and after the line of the unread ones', () => {
    const day = 24 * 3600;
    const items = look([said(1), said(2), said(day), said(day + 1)], [], '000002');
    assert.deepEqual(outline(items), ['day', 'fl', 'unread', 'fl', 'day', 'f', 'l']);
  });

  test('shows what waits after all messages', () => {
    const entry = {
      localId: 'local-1',
      time: new Date(START + 1000).toISOString(),
      text: 'mine',
      state: 'queued',
      error: '',
    };
    const items = look([said(1)], [entry]);
    assert.deepEqual(items.map(({ key }) => key).slice(1), ['message-000001', 'local-1']);
    assert.equal(items.at(-1).own, true);
  });
});
