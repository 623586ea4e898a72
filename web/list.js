// The list of conversations: rooms and people, each with its last line and what is unread.

import { avatar, byId, el, icon, reconcile, setAttr, setText } from './dom.js';
import { initials, shortTime, toneOf } from './format.js';

/**
 * A row is { key, kind: 'everybody'|'room'|'user', name, id, line, typing, time, unread, online }. Up, Down, Home and
 * End walk through all rows of both lists; only one row is in the tab order.
 */
export class List {
  #open;
  #current = null;

  /** `open(key)`: the user has chosen a conversation. */
  constructor(open) {
    this.#open = open;
    byId('list').addEventListener('keydown', (event) => this.#walk(event));
    byId('list').addEventListener('focusin', (event) => {
      if (event.target.classList.contains('row')) this.#rove(event.target);
    });
  }

  render({ rooms, people, current, now }) {
    const update = (node, row) => this.#fill(node.firstElementChild, row, current, now);
    const create = (row) => this.#create(row);
    reconcile(byId('rooms'), rooms, create, update);
    reconcile(byId('people'), people, create, update);
    byId('people-empty').hidden = people.length > 0;

    const rows = this.#rows();
    if (this.#current !== current || !rows.some((row) => row.tabIndex === 0)) {
      this.#current = current;
      this.#rove(rows.find((row) => row.hasAttribute('aria-current')) ?? rows[0]);
    }
  }

  /** Puts the focus on the open conversation's row. */
  focus() {
    this.#rows()
      .find((row) => row.tabIndex === 0)
      ?.focus();
  }

  #rows() {
    return [...byId('list').querySelectorAll('.row')];
  }

  #rove(chosen) {
    for (const row of this.#rows()) row.tabIndex = row === chosen ? 0 : -1;
  }

  #walk(event) {
    const rows = this.#rows();
    const at = rows.indexOf(event.target);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    rows[Math.min(Math.max(to, 0), rows.length - 1)].focus();
  }

  #create(row) {
    const face = avatar();
    if (row.kind === 'user') {
      face.append(el('span', { class: 'letters', text: initials(row.name) }), el('span', { class: 'dot' }));
      face.dataset.tone = toneOf(row.id);
    } else {
      face.append(icon(row.kind === 'room' ? 'hash' : 'everybody'));
      face.classList.add('square');
    }
    const button = el(
      'button',
      { class: 'row', type: 'button', tabindex: '-1', onclick: () => this.#open(row.key) },
      face,
      el(
        'span',
        { class: 'row-words' },
        el(
          'span',
          { class: 'row-top' },
          el('span', { class: 'row-name', dir: 'auto' }),
          el('span', { class: 'row-time' }),
        ),
        el(
          'span',
          { class: 'row-bottom' },
          el('span', { class: 'row-line', dir: 'auto' }),
          el('span', { class: 'badge' }),
        ),
      ),
    );
    return el('li', {}, button);
  }

  #fill(button, row, current, now) {
    const part = (name) => button.querySelector(`.${name}`);
    setText(part('row-name'), row.name);
    setText(part('row-time'), row.time ? shortTime(row.time, now) : '');
    setText(part('row-line'), row.line);
    part('row-line').classList.toggle('is-typing', row.typing);
    const badge = part('badge');
    badge.hidden = row.unread === 0;
    setText(badge, row.unread > 99 ? '99+' : String(row.unread));
    setAttr(badge, 'aria-label', `${row.unread} unread`);
    button.classList.toggle('has-unread', row.unread > 0);
    button.classList.toggle('is-online', row.online);
    setAttr(button, 'aria-current', row.key === current ? 'true' : null);
    if (row.kind === 'user') setText(part('letters'), initials(row.name));
  }
}
