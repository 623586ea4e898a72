// The chat page: brings together what is known (state.js), what is on its way (outbox.js), the link (net.js) and what
// is seen.

import { byId } from './dom.js';
import { readMissed } from './catchup.js';
import { Composer } from './composer.js';
import { emptyTextOf, headOf, nameOf, roomOf, rowsOf } from './describe.js';
import { JoinForm } from './join.js';
import { List } from './list.js';
import { Login } from './login.js';
import { Net } from './net.js';
import { Outbox } from './outbox.js';
import { Panel } from './panel.js';
import { deviceKind, forgetSession, loadRead, loadSession, saveRead, saveSession } from './session.js';
import { EVERYBODY, People, Store, Typing, conversationOf, displayName, targetOf } from './state.js';
import { Thread, itemsOf } from './thread.js';
import { Views, renderHead, renderLink, renderMe, renderTheme, renderTitle, renderTyping } from './view.js';

/** How often what depends on the time alone is drawn anew (typing hints that lapse, "Today"), in milliseconds. */
const TICK_MS = 1000;

/** `?worker=N` in the page's address asks for that worker; a server that runs with --test-placement obeys. */
const wantedWorker = new URLSearchParams(location.search).get('worker');

class App {
  #session = null; // { id, token, rooms, serverId }
  #net = null;
  #store = null;
  #people = new People();
  #typing = new Typing();
  #outbox = new Outbox();
  #link = { phase: 'connecting', transport: '', attempt: 0, error: '' };
  #place = { worker: null, workers: 0 };
  #devices = [];
  #opened = new Set(); // direct conversations opened by hand, without a message yet
  #current = EVERYBODY;
  #dividerId = null;
  #syncing = null; // AbortController of the catch-up under way
  #inStep = false; // the history was read to its end on this connection: queued messages may go out
  #drawing = false;
  #today = '';
  #login = new Login((who) => this.#enter({ ...who, rooms: [], serverId: '' }));
  #views = new Views(() => this.#look());
  #list = new List((key) => this.#open(key));
  #panel = new Panel((userId) => this.#open(`user:${userId}`));
  #thread = new Thread({
    retry: (localId) => this.#retry(localId),
    discard: (localId) => {
      this.#outbox.discard(localId);
      this.#draw();
    },
    atEnd: () => this.#look(),
  });
  #composer = new Composer({
    send: (text) => this.#send(text),
    typing: (key, typing) => this.#net?.tell('typing', { to: targetOf(key), typing }),
  });

  start() {
    this.#listen();
    renderTheme();
    const session = loadSession();
    if (session) this.#enter(session);
    else this.#login.show();
  }

  #listen() {
    byId('logout').addEventListener('click', () => this.#leave(''));
    byId('banner-button').addEventListener('click', () => this.#net.openNow());
    byId('leave').addEventListener('click', () => this.#leaveRoom(roomOf(this.#current)));
    byId('theme-button').addEventListener('click', () => {
      globalThis.chorusTheme.toggle();
      renderTheme();
    });
    globalThis.chorusTheme.onSystemChange(renderTheme);
    new JoinForm((room) => this.#join(room));
    document.addEventListener('visibilitychange', () => this.#look());
    addEventListener('focus', () => this.#look());
    addEventListener('online', () => this.#link.phase === 'offline' && this.#net.openNow());
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Draws what changes by time alone: hints that lapse, and the words for the days. */
  #tick() {
    const today = new Date().toDateString();
    if (!this.#store || (this.#today === today && !this.#typing.any())) return;
    this.#today = today;
    this.#draw();
  }

  // ---- in and out

  #enter(session) {
    this.#net?.close();
    if (this.#store?.me !== session.id) this.#forget();
    this.#session = session;
    this.#net = new Net(
      { id: session.id, token: session.token, kind: deviceKind(), worker: wantedWorker },
      {
        state: (link) => this.#linkChanged(link),
        event: (name, args) => this.#events[name]?.(args),
        disconnected: () => this.#disconnected(),
      },
    );
    this.#net.open();
  }

  #forget() {
    this.#store = null;
    this.#people = new People();
    this.#typing.clear();
    this.#outbox = new Outbox();
    this.#devices = [];
    this.#opened.clear();
    this.#current = EVERYBODY;
    this.#dividerId = null;
  }

  #leave(error) {
    this.#disconnected();
    this.#net.close();
    this.#net = null;
    this.#panel.close();
    if (error === '') {
      forgetSession();
      this.#forget();
    }
    this.#login.show(error);
  }

  #linkChanged(link) {
    this.#link = link;
    if (link.phase === 'refused') this.#leave(link.error);
    else if (this.#store) this.#draw();
    else if (link.phase === 'offline') this.#login.wait('The server does not answer. Trying again…');
  }

  #disconnected() {
    this.#syncing?.abort();
    this.#inStep = false;
    this.#store?.beginGap();
    this.#people.clearOnline();
    this.#typing.clear();
    this.#devices = [];
  }

  // ---- what the server says

  #events = {
    welcome: (args) => this.#welcome(args),
    chat_message: (message) => {
      this.#take([message], (messages) => this.#store.merge(messages));
      this.#typing.set(conversationOf(message, this.#store.me), message.from.id, false, Date.now());
      this.#draw();
    },
    typing: (hint) => {
      this.#people.learn(hint.from);
      this.#typing.set(conversationOf(hint, this.#store.me), hint.from.id, hint.typing, Date.now());
      this.#draw();
    },
    presence: (change) => {
      this.#people.update(change);
      this.#draw();
    },
    devices: ({ devices }) => {
      this.#devices = devices;
      this.#draw();
    },
    room_joined: ({ room, rooms }) => {
      this.#setRooms(rooms);
      // What was said there before may be shown now.
      if (this.#inStep && this.#store.thread(`room:${room}`).length === 0) this.#readBack();
    },
    room_left: ({ rooms }) => this.#setRooms(rooms),
  };

  async #welcome({ user, worker, workers, rooms, online, devices, serverId }) {
    this.#store ??= new Store(user.id, loadRead(user.id));
    this.#people.setAll(online);
    this.#people.learn(user);
    this.#devices = devices;
    this.#place = { worker, workers };
    // The server's list of rooms is the truth, unless it may have forgotten: it is another process than the one that
    // made the remembered list, or this is the user's only device. Then the page joins its rooms again by itself.
    const forgot = serverId !== this.#session.serverId || devices.length <= 1;
    const lost = forgot ? this.#session.rooms.filter((room) => !rooms.includes(room)) : [];
    this.#session.serverId = serverId;
    this.#setRooms([...rooms, ...lost]);

    const entered = this.#login.hide();
    byId('app').hidden = false;
    renderMe({ id: user.id, name: displayName(user) });
    this.#draw();
    if (entered) queueMicrotask(() => (this.#views.threadShown ? this.#composer : this.#list).focus());
    await this.#catchUp(lost);
  }

  #setRooms(rooms) {
    this.#session.rooms = rooms;
    saveSession(this.#session);
    const room = roomOf(this.#current);
    if (room !== null && !rooms.includes(room)) this.#open(EVERYBODY, { stay: true });
    this.#draw();
  }

  // ---- in step with the server

  /** After every connect: back into the rooms, read what was missed, decide what was in doubt, send what waits. */
  async #catchUp(rooms = []) {
    this.#syncing?.abort();
    const { signal } = (this.#syncing = new AbortController());
    await Promise.all(rooms.map((room) => this.#net.ask('joinRoom', { room })));
    const take = (messages) => {
      this.#take(messages, (list) => this.#store.mergeHistory(list));
      this.#draw();
    };
    if (!(await readMissed({ net: this.#net, after: () => this.#store.catchUpAfter(), take, signal }))) return;
    const first = this.#store.baseline === null;
    this.#store.endGap();
    if (first) saveRead(this.#store.me, this.#store.readState());
    this.#inStep = true;
    this.#outbox.settle();
    this.#flush();
    this.#look();
  }

  /** The newest messages once more, for a room joined just now. */
  async #readBack() {
    try {
      const { messages } = await this.#net.history(null, this.#syncing?.signal);
      this.#take(messages, (list) => this.#store.merge(list));
      this.#look();
    } catch {
      // The room starts empty then; the next catch-up reads again.
    }
  }

  #take(messages, merge) {
    for (const message of messages) this.#people.learn(message.from);
    for (const message of merge(messages)) {
      if (message.from.id === this.#store.me) this.#outbox.claim(message, conversationOf(message, this.#store.me));
    }
    this.#markSeen();
  }

  // ---- sending

  #send(text) {
    const key = this.#current;
    const entry = this.#outbox.add({ key, to: targetOf(key), text, time: new Date().toISOString() });
    if (!entry) return false;
    this.#dividerId = null;
    this.#thread.toEnd();
    this.#flush();
    this.#draw();
    return true;
  }

  #retry(localId) {
    this.#outbox.retry(localId, new Date().toISOString());
    this.#flush();
    this.#draw();
  }

  #flush() {
    if (!this.#inStep || !this.#net.connected) return;
    for (const entry of this.#outbox.takeQueued(this.#store.newestId())) this.#deliver(entry);
  }

  async #deliver({ localId, to, text }) {
    const outbox = this.#outbox;
    const answer = await this.#net.ask('sendMessage', { text, to });
    if (outbox !== this.#outbox) return; // somebody else has logged in
    if (answer?.ok) {
      const from = { id: this.#store.me, firstName: this.#people.name(this.#store.me), lastName: '' };
      this.#store.merge([{ id: answer.id, time: answer.time, from, to, text }]);
      outbox.confirm(localId, answer.id);
    } else if (answer) {
      outbox.refuse(localId, answer.error ?? '');
    } else {
      outbox.doubt(localId);
      // The link stands, but the answer is overdue: look whether the message is there all the same.
      if (this.#inStep) this.#catchUp();
    }
    this.#draw();
  }

  // ---- rooms

  async #join(room) {
    if (!this.#net.connected) return 'There is no connection right now.';
    const answer = await this.#net.ask('joinRoom', { room });
    if (!answer?.ok) return answer?.error ?? 'The server did not answer.';
    this.#setRooms(answer.rooms);
    this.#open(`room:${room}`);
    return '';
  }

  async #leaveRoom(room) {
    if (!this.#net.connected) return;
    const answer = await this.#net.ask('leaveRoom', { room });
    if (!answer?.ok) return;
    this.#setRooms(answer.rooms);
    this.#list.focus();
  }

  // ---- reading

  #open(key, { stay = false } = {}) {
    if (this.#current !== key || !this.#views.threadShown) this.#dividerId = this.#store.firstUnread(key);
    this.#current = key;
    if (key.startsWith('user:')) this.#opened.add(key);
    if (!stay) {
      this.#views.showThread();
      this.#composer.open(key, nameOf(this.#people, key));
      // On a phone the keyboard would hide what one came to read.
      if (this.#views.isNarrow) byId('thread-title').focus();
      else this.#composer.focus();
    }
    this.#look();
  }

  /** The reader looks: what is on screen counts as read. */
  #look() {
    if (!this.#store) return;
    this.#markSeen();
    this.#draw();
  }

  #markSeen() {
    const seen = document.visibilityState === 'visible' && this.#views.threadShown && this.#thread.atEnd;
    if (seen && this.#store.baseline !== null && this.#store.markRead(this.#current)) {
      saveRead(this.#store.me, this.#store.readState());
    }
  }

  // ---- drawing

  /** Draws once for everything that changes in one go. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (this.#store && this.#net) this.#render();
    });
  }

  #render() {
    const now = new Date();
    const known = {
      store: this.#store,
      people: this.#people,
      typing: this.#typing,
      outbox: this.#outbox,
      rooms: this.#session.rooms,
      opened: this.#opened,
    };
    const connected = this.#link.phase === 'online';
    renderLink(this.#link, { ...this.#place, waiting: this.#outbox.waiting() });
    this.#list.render({ ...rowsOf(known, now), current: this.#current, now });
    this.#renderThread(headOf(known, this.#current, connected), now);
    this.#panel.render({
      online: this.#people.online(),
      me: this.#store.me,
      devices: this.#devices,
      socketId: this.#net.socketId,
      worker: connected ? this.#place.worker : null,
      workers: connected ? this.#place.workers : 0,
      transport: connected ? this.#link.transport : '–',
      now,
    });
    renderTitle(this.#store.totalUnread(), nameOf(this.#people, this.#current));
  }

  #renderThread(head, now) {
    const { key, kind, name } = head;
    renderHead(head);
    this.#composer.open(key, name);
    const items = itemsOf({
      messages: this.#store.thread(key),
      entries: this.#outbox.visible(key),
      me: this.#store.me,
      dividerId: this.#dividerId,
      originOf: (messageId) => this.#outbox.originOf(messageId),
      now,
    });
    const nameOfUser = (userId) => this.#people.name(userId);
    const emptyText = emptyTextOf(key, name);
    this.#thread.render({ key, kind, items, nameOf: nameOfUser, emptyTitle: 'It is quiet in here', emptyText });
    renderTyping(this.#typing.active(key, now.getTime()).map(nameOfUser));
  }
}

new App().start();
