// The small form that joins a room by its name.

import { byId, setAttr } from './dom.js';

export class JoinForm {
  #join;

  /** `join(room)` answers what is wrong, or '' when the user is in. */
  constructor(join) {
    this.#join = join;
    byId('join-open').addEventListener('click', () => this.#show(byId('join-form').hidden));
    byId('join-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId('join-form').addEventListener('keydown', (event) => event.key === 'Escape' && this.#show(false));
    byId('join-name').addEventListener('input', () => byId('join-name').setCustomValidity(''));
  }

  #show(shown) {
    byId('join-form').hidden = !shown;
    setAttr(byId('join-open'), 'aria-expanded', String(shown));
    (shown ? byId('join-name') : byId('join-open')).focus();
  }

  async #submit() {
    const input = byId('join-name');
    const room = input.value.trim();
    if (room === '') return;
    const wrong = await this.#join(room);
    input.setCustomValidity(wrong);
    if (!input.reportValidity()) return;
    input.value = '';
    byId('join-form').hidden = true;
    setAttr(byId('join-open'), 'aria-expanded', 'false');
  }
}
