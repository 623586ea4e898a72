// The link to the server: one Socket.IO socket and the history over HTTP. It reports and fetches; what that means is
// decided in app.js.

/** How long an answer may take before the page goes and looks for itself, in milliseconds. */
const ACK_MS = 15000;
const HISTORY_LIMIT = 50;

const FAREWELLS = {
  'io server disconnect': 'The server closed this connection.',
  'io client disconnect': '',
};

/** What a header can carry; other names and tokens travel in the query. */
const isPlain = (text) => /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text);

export class Net {
  #socket = null;
  #attempt = 0;
  #session;
  #on;

  /**
   * `session`: { id, token, kind, worker }. `on`: { state(state), event(name, args), disconnected() }.
   * A state is { phase, transport, attempt, error }; phases: connecting, online, offline (tries again by itself),
   * closed (by the server; waits for the user), refused (the server does not let this user in).
   */
  constructor(session, on) {
    this.#session = session;
    this.#on = on;
  }

  get socketId() {
    return this.#socket?.id ?? null;
  }

  get connected() {
    return this.#socket?.connected ?? false;
  }

  open() {
    const { id, token, kind, worker } = this.#session;
    const socket = globalThis.io('/socket', {
      auth: { token, id, kind },
      query: worker === null ? {} : { worker },
      reconnectionDelay: 400,
      reconnectionDelayMax: 5000,
      forceNew: true,
    });
    this.#socket = socket;
    this.#report('connecting');

    socket.on('connect', () => {
      this.#attempt = 0;
      this.#report('online');
      socket.io.engine.once('upgrade', () => socket.connected && this.#report('online'));
    });
    socket.on('message', ({ event, args }) => this.#on.event(event, args ?? {}));
    socket.on('disconnect', (reason) => {
      this.#on.disconnected();
      if (socket.active) this.#report('offline');
      else this.#report('closed', { error: FAREWELLS[reason] ?? 'The connection was closed.' });
    });
    socket.on('connect_error', (error) => {
      if (socket.active) this.#report('offline');
      else this.#report('refused', { error: error.message });
    });
    socket.io.on('reconnect_attempt', (attempt) => {
      this.#attempt = attempt;
      this.#report('offline');
    });
  }

  /** Tries at once, whatever the waiting time says. */
  openNow() {
    this.#attempt = 0;
    this.#socket.disconnect();
    this.#report('connecting');
    this.#socket.connect();
  }

  close() {
    this.#socket?.off();
    this.#socket?.io.off();
    this.#socket?.disconnect();
    this.#socket = null;
  }

  /** Answers the server's answer, or null when none came. Call only while connected: nothing is buffered here. */
  ask(event, args) {
    return new Promise((resolve) => {
      this.#socket.timeout(ACK_MS).emit('message', { event, args }, (error, answer) => resolve(error ? null : answer));
    });
  }

  /** Tells without asking for an answer; dropped while there is no link. */
  tell(event, args) {
    if (this.connected) this.#socket.emit('message', { event, args });
  }

  /**
   * One page of history: { messages, more }; after `after`, or the newest ones. Throws when the server cannot be asked.
   */
  async history(after, signal) {
    const { id, token } = this.#session;
    const url = new URL('messages', document.baseURI);
    url.searchParams.set('limit', HISTORY_LIMIT);
    if (after) url.searchParams.set('after', after);
    const headers = {};
    if (isPlain(id) && isPlain(token)) {
      headers.Authorization = `Bearer ${token}`;
      headers.id = id;
    } else {
      url.searchParams.set('token', token);
      url.searchParams.set('id', id);
    }
    const answer = await fetch(url, { headers, signal, cache: 'no-store' });
    if (!answer.ok) throw new Error(`The history could not be read (${answer.status}).`);
    return answer.json();
  }

  #report(phase, { error = '' } = {}) {
    const transport = this.#socket?.io.engine?.transport?.name ?? '';
    this.#on.state({ phase, transport, attempt: this.#attempt, error });
  }
}
