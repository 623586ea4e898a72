// What was written here and is not known to have arrived. Pure: no DOM, no network, no clock of its own.
//
// An entry is
//   queued   written, never handed to the link: it is sent by itself as soon as the page is in step with the server;
//   sending  handed to the link, the answer is awaited;
//   unsure   handed to a link that died (or stayed silent) before the answer came: it may or may not have arrived;
//   failed   refused by the server, or unsure and not found: offered for "try again", never sent again by itself.
//
// The rule that keeps a message from being doubled or lost without a word: the answer (ack) decides, by the message's
// id. Until it comes, a message counts as the earliest entry in flight that has its conversation and text, if it is the
// user's own and its id is newer than the newest id known when the entry was handed over; one message stands for one
// entry. After a reconnect the history is read first; an unsure entry that has found its message there is done, the
// others have failed. The one false match possible: the user's other device said the same words in the same place in
// that same moment.

/** The most entries waiting at once; what is written beyond is refused. */
export const OUTBOX_MAX = 200;

export class Outbox {
  #entries = [];
  #origin = new Map(); // message id -> local id of the entry it was, so that its bubble stays the same bubble
  #next = 1;

  /** Answers the new entry, or null when too many are waiting. */
  add({ key, to, text, time }) {
    if (this.#entries.length >= OUTBOX_MAX) return null;
    const localId = `local-${this.#next++}`;
    const entry = { localId, key, to, text, time, state: 'queued', after: '', match: null, error: '', doubted: false };
    this.#entries.push(entry);
    return entry;
  }

  /** What is to be shown of a conversation: the entries that no message stands for yet. */
  visible(key) {
    return this.#entries.filter((entry) => entry.key === key && entry.match === null);
  }

  get(localId) {
    return this.#entries.find((entry) => entry.localId === localId) ?? null;
  }

  waiting() {
    return this.#entries.filter((entry) => entry.state !== 'failed').length;
  }

  /** The local id a message had, or null. */
  originOf(messageId) {
    return this.#origin.get(messageId) ?? null;
  }

  /** Hands over all queued entries, in order. `newestId`: the newest message id known now. */
  takeQueued(newestId) {
    const taken = this.#entries.filter((entry) => entry.state === 'queued');
    for (const entry of taken) {
      entry.state = 'sending';
      entry.after = newestId;
    }
    return taken;
  }

  /** A message of the user's own, new to the page, in conversation `key`. */
  claim(message, key) {
    const entry = this.#entries.find(
      (candidate) =>
        (candidate.state === 'sending' || candidate.state === 'unsure' || candidate.doubted) &&
        candidate.match === null &&
        candidate.key === key &&
        candidate.text === message.text &&
        message.id > candidate.after,
    );
    if (!entry) return;
    entry.match = message.id;
    this.#origin.set(message.id, entry.localId);
    // Given up, yet it arrived: the server was still busy with what the dead link had brought.
    if (entry.state === 'failed') this.#remove(entry);
  }

  /** The server's answer: the entry is the message `id`, whatever it was matched with before. */
  confirm(localId, id) {
    const entry = this.get(localId);
    if (!entry) return;
    const taker = this.#entries.find((other) => other !== entry && other.match === id);
    if (taker) taker.match = null;
    if (entry.match !== null && entry.match !== id) this.#origin.delete(entry.match);
    this.#origin.set(id, localId);
    this.#remove(entry);
  }

  refuse(localId, error) {
    const entry = this.get(localId);
    if (!entry) return;
    this.#unmatch(entry);
    entry.state = 'failed';
    entry.error = error;
  }

  /** No answer came for this entry. */
  doubt(localId) {
    const entry = this.get(localId);
    if (entry?.state === 'sending') entry.state = 'unsure';
  }

  /** The history was read to its end: decides every entry that was in doubt. */
  settle() {
    for (const entry of this.#entries.filter((candidate) => candidate.state === 'unsure')) {
      if (entry.match !== null) {
        this.#remove(entry);
      } else {
        entry.state = 'failed';
        entry.doubted = true;
        entry.error = 'The connection broke while it was on its way.';
      }
    }
  }

  /** Back into the queue, behind what was written since. */
  retry(localId, time) {
    const entry = this.get(localId);
    if (entry?.state !== 'failed') return;
    this.#remove(entry);
    this.#entries.push({ ...entry, state: 'queued', time, error: '', doubted: false });
  }

  discard(localId) {
    const entry = this.get(localId);
    if (entry?.state === 'failed') this.#remove(entry);
  }

  #unmatch(entry) {
    if (entry.match !== null) this.#origin.delete(entry.match);
    entry.match = null;
  }

  #remove(entry) {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
  }
}
