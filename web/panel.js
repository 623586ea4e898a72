// People and devices: a column on a wide screen, a drawer on a narrow one.

import { isInThisProcess, placeOf } from './describe.js';
import { avatar, byId, el, icon, reconcile, setText } from './dom.js';
import { initials, plural, shortTime, toneOf } from './format.js';

const KINDS = { phone: 'Phone', desktop: 'Desktop' };
/** More workers than this are not drawn one by one. */
const WORKERS_DRAWN = 32;

export class Panel {
  #wide = matchMedia('(min-width: 1100px)');
  #opener = null;
  #openDirect;

  /** `openDirect(userId)`: the user wants to write to somebody. */
  constructor(openDirect) {
    this.#openDirect = openDirect;
    for (const button of document.querySelectorAll('.open-panel')) {
      button.addEventListener('click', () => this.open(button));
    }
    byId('panel-close').addEventListener('click', () => this.close());
    byId('veil').addEventListener('click', () => this.close());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.isOpen) this.close();
    });
    this.#wide.addEventListener('change', () => this.#apply(false));
    this.#apply(false);
  }

  get isOpen() {
    return byId('panel').classList.contains('open');
  }

  open(opener) {
    this.#opener = opener;
    this.#apply(true);
    byId('panel-close').focus();
  }

  close() {
    if (!this.isOpen) return;
    this.#apply(false);
    this.#opener?.focus();
  }

  /** While the drawer is open, the rest of the page takes no part; closed, the drawer takes none. */
  #apply(open) {
    byId('panel').classList.toggle('open', open);
    byId('panel').inert = !open && !this.#wide.matches;
    byId('sidebar').inert = open;
    byId('thread').inert = open;
    byId('veil').hidden = !open;
    for (const button of document.querySelectorAll('.open-panel')) button.setAttribute('aria-expanded', String(open));
  }

  render({ online, me, devices, socketId, worker, workers, transport, now }) {
    setText(byId('this-worker'), worker === null ? '–' : `worker ${worker} of ${workers}`);
    setText(byId('this-link'), transport);
    this.#renderWorkers(worker, workers, devices);
    setText(byId('devices-count'), devices.length > 0 ? String(devices.length) : '');
    setText(byId('online-count'), online.length > 0 ? String(online.length) : '');

    byId('devices').parentElement.hidden = devices.length === 0;
    byId('online').parentElement.hidden = online.length === 0;
    const deviceItems = devices.map((device) => ({
      ...device,
      key: device.socket,
      isThis: device.socket === socketId,
    }));
    reconcile(byId('devices'), deviceItems, createDevice, (node, item) => fillDevice(node, item, now));
    const people = online.map((user) => ({ ...user, key: user.id, isMe: user.id === me }));
    reconcile(byId('online'), people, (item) => this.#createPerson(item), fillPerson);
  }

  /** One bar per worker: the one serving this device, those serving the user's other devices, the rest. */
  #renderWorkers(worker, workers, devices) {
    const count = worker === null ? 0 : Math.min(workers, WORKERS_DRAWN);
    const others = new Set(devices.filter(isInThisProcess).map((device) => device.worker));
    const items = Array.from({ length: count }, (_, at) => ({ key: String(at), at }));
    reconcile(
      byId('workers'),
      items,
      () => el('span', { class: 'worker' }),
      (node, { at }) => {
        node.classList.toggle('is-this', at === worker);
        node.classList.toggle('is-mine', at !== worker && others.has(at));
      },
    );
  }

  #createPerson({ id, isMe }) {
    const face = avatar();
    face.dataset.tone = toneOf(id);
    const write = () => {
      this.#opener = null;
      this.close();
      this.#openDirect(id);
    };
    const words = el(
      'span',
      { class: 'person-words' },
      el('span', { class: 'person-name', dir: 'auto' }),
      el('span', { class: 'person-devices' }),
    );
    const line = isMe
      ? el('span', { class: 'person' }, face, words)
      : el('button', { class: 'person', type: 'button', onclick: write }, face, words);
    return el('li', {}, line);
  }
}

function fillPerson(node, { name, devices, isMe }) {
  setText(node.querySelector('.avatar'), initials(name));
  setText(node.querySelector('.person-name'), isMe ? `${name} (you)` : name);
  setText(node.querySelector('.person-devices'), plural(devices, 'device', 'devices'));
}

function createDevice({ kind }) {
  const words = el(
    'span',
    { class: 'device-words' },
    el('span', { class: 'device-name' }),
    el('span', { class: 'device-about' }),
  );
  return el('li', { class: 'device' }, icon(kind === 'phone' ? 'phone' : 'desktop'), words);
}

function fillDevice(node, { kind, worker, here, since, isThis, socket }, now) {
  node.classList.toggle('is-this', isThis);
  node.dataset.worker = worker;
  node.dataset.socket = socket;
  setText(node.querySelector('.device-name'), (KINDS[kind] ?? kind) + (isThis ? ', this device' : ''));
  setText(node.querySelector('.device-about'), `${placeOf({ worker, here })} · since ${shortTime(since, now)}`);
}
