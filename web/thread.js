// The messages of the open conversation: days, groups, bubbles, what is on its way; and where the reader has scrolled
// to.

import { avatar, byId, el, icon, reconcile, setAttr, setText } from './dom.js';
import { dayKey, dayName, fullTime, initials, isOnlyEmoji, plural, timeOfDay, toneOf } from './format.js';

/** Messages of one sender within this time stand together, in milliseconds. */
const GROUP_MS = 5 * 60 * 1000;
/** Nearer than this to the end, the log follows new messages, in pixels. */
const NEAR_END = 80;

const NOTES = {
  queued: 'Waits for the connection',
  sending: 'Sending',
  unsure: 'Looking whether it arrived',
  failed: 'Not sent',
};

/**
 * What stands in the log, top to bottom: { key, kind: 'day'|'unread'|'bubble', … }. Pure. `entries`: the outbox's,
 * which come last; `originOf(id)`: the local id a message had, so that its bubble keeps its key when the server's
 * message takes its place.
 */
export function itemsOf({ messages, entries, me, dividerId, originOf, now }) {
  const items = [];
  let previous = null;
  const push = (bubble) => {
    if (!previous || dayKey(previous.time) !== dayKey(bubble.time)) {
      items.push({ key: `day-${dayKey(bubble.time)}`, kind: 'day', text: dayName(bubble.time, now) });
      previous = null;
    }
    if (bubble.id !== null && bubble.id === dividerId) {
      items.push({ key: 'unread', kind: 'unread' });
      previous = null;
    }
    bubble.first =
      !previous || previous.from !== bubble.from || Date.parse(bubble.time) - Date.parse(previous.time) > GROUP_MS;
    if (previous && bubble.first) previous.last = true;
    items.push(bubble);
    previous = bubble;
  };
  for (const { id, time, from, text } of messages) {
    const key = originOf(id) ?? `message-${id}`;
    push({
      key,
      kind: 'bubble',
      id,
      time,
      from: from.id,
      own: from.id === me,
      text,
      state: 'sent',
      error: '',
      last: false,
    });
  }
  for (const { localId, time, text, state, error } of entries) {
    push({ key: localId, kind: 'bubble', id: null, time, from: me, own: true, text, state, error, last: false });
  }
  items.forEach((item, at) => {
    if (item.kind === 'bubble' && items[at + 1]?.kind !== 'bubble') item.last = true;
  });
  return items;
}

export class Thread {
  #key = null;
  #on;
  #following = true;
  #below = 0;

  /** `on`: { retry(localId), discard(localId), atEnd() }; atEnd: the reader has come to the newest message. */
  constructor(on) {
    this.#on = on;
    const log = byId('log');
    log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    byId('jump').addEventListener('click', () => {
      this.toEnd();
      byId('text').focus();
    });
    // A keyboard sliding in or a growing composer must not hide the newest message.
    new ResizeObserver(() => this.#following && this.#scrollToEnd()).observe(log);
  }

  get atEnd() {
    return this.#following;
  }

  /**
   * `now`: a Date; `nameOf(userId)`; `kind` of the conversation: in a direct one nobody needs a name on every bubble.
   */
  render({ key, kind, items, nameOf, emptyTitle, emptyText }) {
    const log = byId('log');
    const switched = this.#key !== key;
    // Another conversation is not news: the screen reader gets the additions only.
    if (switched) setAttr(log, 'aria-live', 'off');
    const before = byId('messages').lastElementChild?.dataset.key;
    byId('messages').dataset.kind = kind;
    reconcile(
      byId('messages'),
      items,
      (item) => this.#create(item, switched),
      (node, item) => this.#fill(node, item, nameOf),
    );
    byId('empty').hidden = items.length > 0;
    setText(byId('empty-title'), emptyTitle);
    setText(byId('empty-text'), emptyText);

    if (switched) {
      this.#key = key;
      this.toEnd();
      setTimeout(() => setAttr(log, 'aria-live', 'polite'));
    } else if (this.#following) {
      this.#scrollToEnd();
    } else if (items.length > 0 && items.at(-1).key !== before) {
      this.#below += 1;
      this.#showJump();
    }
  }

  toEnd() {
    this.#following = true;
    this.#below = 0;
    this.#scrollToEnd();
    this.#showJump();
  }

  #scrollToEnd() {
    const log = byId('log');
    log.scrollTop = log.scrollHeight;
  }

  #scrolled() {
    const log = byId('log');
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    if (near === this.#following) return;
    this.#following = near;
    if (near) {
      this.#below = 0;
      this.#on.atEnd();
    }
    this.#showJump();
  }

  #showJump() {
    byId('jump').hidden = this.#following;
    setText(byId('jump-text'), this.#below > 0 ? plural(this.#below, 'new message', 'new messages') : 'Newest');
  }

  #create(item, switched) {
    if (item.kind === 'day') return el('li', { class: 'day' }, el('span'));
    if (item.kind === 'unread') return el('li', { class: 'unread-line' }, el('span', { text: 'New' }));
    const face = avatar();
    face.dataset.tone = toneOf(item.from);
    const bubble = el(
      'div',
      { class: 'bubble' },
      el('span', { class: 'from', dir: 'auto', 'data-tone': toneOf(item.from) }),
      el(
        'span',
        { class: 'words' },
        el('span', { class: 'text', dir: 'auto' }),
        el('span', { class: 'meta' }, el('time')),
      ),
    );
    const node = el('li', { class: item.own ? 'message own' : 'message' }, item.own ? null : face, bubble);
    if (!switched) node.classList.add('arrives');
    return node;
  }

  #fill(node, item, nameOf) {
    if (item.kind === 'day') setText(node.firstElementChild, item.text);
    if (item.kind !== 'bubble') return;
    const name = nameOf(item.from);
    const look = [item.id, item.first, item.last, item.state, item.error, item.time, name].join('\n');
    if (node.look === look) return;
    node.look = look;
    const part = (className) => node.querySelector(`.${className}`);
    node.classList.toggle('first', item.first);
    node.classList.toggle('last', item.last);
    node.classList.toggle('emoji', isOnlyEmoji(item.text));
    setText(part('from'), item.own ? 'You' : name);
    setText(part('text'), item.text);
    if (!item.own) setText(part('avatar'), initials(name));
    const time = node.querySelector('time');
    setText(time, timeOfDay(item.time));
    setAttr(time, 'datetime', item.time);
    setAttr(time, 'title', fullTime(item.time));
    if (item.own && node.dataset.state !== item.state) this.#mark(node, item);
    node.dataset.state = item.state;
  }

  /** The mark of an own message: waiting, sent, failed; and what can be done about it. */
  #mark(node, { key, state, error }) {
    const meta = node.querySelector('.meta');
    meta.querySelector('.mark-state')?.remove();
    node.querySelector('.trouble')?.remove();
    const name = { sent: 'sent', failed: 'alert' }[state] ?? 'clock';
    const mark = el(
      'span',
      { class: 'mark-state' },
      icon(name),
      el('span', { class: 'unseen', text: NOTES[state] ?? 'Sent' }),
    );
    meta.append(mark);
    if (state === 'queued' || state === 'unsure') {
      node.querySelector('.bubble').append(el('span', { class: 'trouble' }, el('span', { text: NOTES[state] })));
    } else if (state === 'failed') {
      const retry = el('button', {
        type: 'button',
        class: 'retry',
        text: 'Try again',
        onclick: () => this.#on.retry(key),
      });
      const drop = el('button', {
        type: 'button',
        class: 'discard',
        text: 'Discard',
        onclick: () => this.#on.discard(key),
      });
      const why = el('span', { text: `Not sent. ${error}`.trim() });
      node.querySelector('.bubble').append(el('span', { class: 'trouble' }, why, retry, drop));
    }
  }
}
