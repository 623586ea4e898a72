// The frame around list, log and panel: head of the conversation, state of the link, title; and on a phone, which of
// the two views (list or conversation) is to be seen.

import { byId, icon, setAttr, setText } from './dom.js';
import { initials, plural, toneOf, typingLine } from './format.js';

const narrow = matchMedia('(max-width: 719px)');

/** The state of the link in words: the short line under the user's name. */
function linkWords({ phase, transport, attempt }) {
  if (phase === 'connecting') return 'Connecting…';
  if (phase === 'online') return `Online · ${transport}`;
  if (phase === 'offline') return attempt > 0 ? `Offline · try ${attempt}` : 'Offline';
  return 'Disconnected';
}

export function renderLink(link, { worker, workers, waiting }) {
  const line = byId('link-state');
  setAttr(line, 'data-phase', link.phase);
  setText(line, linkWords(link));
  setAttr(line, 'title', worker === null ? null : `worker ${worker} of ${workers}`);

  const banner = byId('banner');
  banner.hidden = link.phase !== 'offline' && link.phase !== 'closed';
  setAttr(banner, 'data-phase', link.phase);
  const queue = waiting > 0 ? ` ${plural(waiting, 'message waits', 'messages wait')}.` : '';
  if (link.phase === 'offline') {
    setText(
      byId('banner-text'),
      `No connection, trying again${link.attempt > 0 ? ` (try ${link.attempt})` : ''}.${queue}`,
    );
    setText(byId('banner-button'), 'Try now');
  } else if (link.phase === 'closed') {
    setText(byId('banner-text'), link.error + queue);
    setText(byId('banner-button'), 'Reconnect');
  }
}

export function renderMe({ id, name }) {
  const face = byId('me-avatar');
  setText(face, initials(name));
  face.dataset.tone = toneOf(id);
  setText(byId('me-name'), name);
}

/** `about`: the line under the name, e.g. "2 devices"; `leavable`: a room. */
export function renderHead({ key, kind, id, name, about, online, leavable }) {
  const face = byId('thread-avatar');
  if (face.dataset.key !== key) {
    face.dataset.key = key;
    face.classList.toggle('square', kind !== 'user');
    if (kind === 'user') face.dataset.tone = toneOf(id);
    else delete face.dataset.tone;
    if (kind !== 'user') face.replaceChildren(icon(kind === 'room' ? 'hash' : 'everybody'));
  }
  if (kind === 'user') setText(face, initials(name));
  setText(byId('thread-title'), name);
  setText(byId('thread-about'), about);
  byId('thread-about').classList.toggle('is-online', online);
  byId('leave').hidden = !leavable;
}

export function renderTyping(names) {
  const line = typingLine(names);
  // The words stay while the line fades away.
  if (line !== '') setText(byId('typing-text'), line);
  byId('typing').classList.toggle('shown', line !== '');
  setAttr(byId('typing'), 'aria-hidden', line === '' ? 'true' : null);
}

export function renderTitle(unread, name) {
  const title = `${unread > 0 ? `(${unread}) ` : ''}${name} – Chorus`;
  if (document.title !== title) document.title = title;
}

export function renderTheme() {
  setAttr(byId('theme-button'), 'aria-pressed', String(globalThis.chorusTheme.isDark()));
}

/** Which view a phone shows. The phone's own "back" leads from the conversation to the list. */
export class Views {
  /** `changed()`: another view is to be seen. */
  constructor(changed) {
    this.changed = changed;
    byId('back').addEventListener('click', () =>
      history.state?.view === 'thread' ? history.back() : this.#set('list'),
    );
    addEventListener('popstate', () => this.#set(history.state?.view === 'thread' ? 'thread' : 'list'));
    narrow.addEventListener('change', changed);
    this.#set(history.state?.view === 'thread' ? 'thread' : 'list');
  }

  /** On a wide screen both are to be seen. */
  get threadShown() {
    return !narrow.matches || byId('app').dataset.view === 'thread';
  }

  get isNarrow() {
    return narrow.matches;
  }

  showThread() {
    if (byId('app').dataset.view === 'thread') return;
    if (narrow.matches) history.pushState({ view: 'thread' }, '');
    this.#set('thread');
  }

  #set(view) {
    byId('app').dataset.view = view;
    this.changed(view);
  }
}
