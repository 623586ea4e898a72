// Where messages are written: Enter sends, Shift+Enter makes a new line; a draft is kept for every conversation.

import { byId, setText } from './dom.js';
import { lengthOf } from './format.js';

const TEXT_MAX = 4000;
/** From here on the length is shown. */
const TEXT_SHOWN = 3600;
/**
 * While the user goes on typing the hint is renewed this often, and taken back after this long without a key, in
 * milliseconds.
 */
const RENEW_MS = 2000;
const IDLE_MS = 3500;

export class Composer {
  #on;
  #drafts = new Map();
  #key = null;
  #hintedAt = null;
  #idle = null;

  /** `on`: { send(text) -> whether it was taken, typing(key, boolean) }. */
  constructor(on) {
    this.#on = on;
    const text = byId('text');
    text.addEventListener('input', () => {
      this.#resize();
      this.#hint();
    });
    text.addEventListener('keydown', (event) => {
      // Enter also ends the composition of a character; that one is not meant for us.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
      text.focus();
    });
  }

  /** Another conversation: its draft comes back. */
  open(key, name) {
    const text = byId('text');
    if (this.#key !== key) {
      this.#stopHint();
      if (this.#key !== null) this.#drafts.set(this.#key, text.value);
      this.#key = key;
      text.value = this.#drafts.get(key) ?? '';
      this.#resize();
    }
    text.placeholder = `Message ${name}`;
  }

  focus() {
    byId('text').focus();
  }

  #send() {
    const text = byId('text');
    const words = text.value.trim();
    if (words === '' || lengthOf(words) > TEXT_MAX) return;
    this.#stopHint();
    if (!this.#on.send(words)) return;
    text.value = '';
    this.#resize();
  }

  #resize() {
    const text = byId('text');
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight}px`;
    const length = lengthOf(text.value.trim());
    setText(byId('counter'), length > TEXT_SHOWN ? `${length} / ${TEXT_MAX}` : '');
    byId('composer').classList.toggle('too-long', length > TEXT_MAX);
    byId('composer').classList.toggle('has-text', length > 0);
  }

  #hint() {
    if (byId('text').value.trim() === '') {
      this.#stopHint();
      return;
    }
    const now = performance.now();
    if (this.#hintedAt === null || now - this.#hintedAt > RENEW_MS) {
      this.#hintedAt = now;
      this.#on.typing(this.#key, true);
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#stopHint(), IDLE_MS);
  }

  #stopHint() {
    clearTimeout(this.#idle);
    if (this.#hintedAt === null) return;
    this.#hintedAt = null;
    this.#on.typing(this.#key, false);
  }
}
