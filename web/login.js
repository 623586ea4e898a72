// The way in: a name, and a token if one has one.

import { byId, setText } from './dom.js';
import { subjectOf } from './session.js';

/** What a server in the development mode takes as a token: anything that is not empty. */
const GUEST_TOKEN = 'guest';

export class Login {
  /** `enter({ id, token })`: somebody wants in. */
  constructor(enter) {
    byId('login-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const token = byId('login-token').value.trim();
      const id = byId('login-name').value.trim() || subjectOf(token);
      if (id === '') {
        this.show('Please tell your name.');
        byId('login-name').focus();
        return;
      }
      this.#busy(true);
      enter({ id, token: token || GUEST_TOKEN });
    });
  }

  show(error = '') {
    document.title = 'Chorus';
    byId('app').hidden = true;
    byId('login').hidden = false;
    this.#busy(false);
    setText(byId('login-error'), error);
    byId('login-name').setAttribute('aria-invalid', String(error !== ''));
    byId('login-name').focus();
  }

  /** Still trying: the server does not answer yet. */
  wait(text) {
    setText(byId('login-error'), text);
  }

  /** Answers whether it was to be seen until now. */
  hide() {
    const shown = !byId('login').hidden;
    byId('login').hidden = true;
    this.#busy(false);
    setText(byId('login-error'), '');
    return shown;
  }

  #busy(busy) {
    const button = byId('login-button');
    button.setAttribute('aria-busy', String(busy));
    setText(button, busy ? 'Joining…' : 'Join the conversation');
  }
}
