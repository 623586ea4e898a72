// Socket.IO clients over WebSockets, reduced to what counting instructions needs: what is said at once leaves in one
// write, and who waits is woken when everything that is due has come. So a server's turns are the same in every run.
import { once } from 'node:events';
import { connect } from 'node:net';

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const message = 0x34; // '4', an Engine.IO message
const patience = 60_000; // ms, for all that is due

/** The client's frame of one text message of less than 64 KiB. */
function frame(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126
    ? Buffer.from([0x81, 0x80 | payload.length])
    : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff]);
  for (let i = 0; i < payload.length; i += 1) payload[i] ^= mask[i & 3];
  return Buffer.concat([head, mask, payload]);
}

/** Clients of one server; what they hear is counted together. */
export class Crowd {
  #port;
  #sockets = [];
  #heard = 0;
  #due = Infinity;
  #enough = () => {};

  constructor(port) {
    this.#port = port;
  }

  /** One more, in the namespace `/`; its number. */
  async join(query = '') {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    const number = this.#sockets.push(socket) - 1;
    let rest = Buffer.alloc(0);
    let open = false;
    socket.on('data', (bytes) => {
      rest = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
      const end = open ? 0 : rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!open) rest = rest.subarray(end + 4);
      open = true;
      rest = this.#hear(rest);
    });
    socket.on('error', (error) => this.#fail(error));
    await once(socket, 'connect');
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await this.say(number, ['0'], 1);
    return number;
  }

  /** Socket.IO packets in one write; resolves when `due` messages were heard by all together, which is all that they make. */
  async say(client, packets, due) {
    const enough = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.#due - this.#heard} messages did not come`)), patience);
      this.#enough = (error) => {
        clearTimeout(late);
        if (error) reject(error);
        else resolve();
      };
    });
    this.#due = this.#heard + due;
    this.#sockets[client].write(Buffer.concat(packets.map((packet) => frame(`4${packet}`))));
    await enough;
  }

  leave() {
    this.#fail = () => {};
    for (const socket of this.#sockets) socket.destroy();
  }

  #fail = (error) => this.#enough(error);

  /** Counts the whole messages (a server's frames bear no mask); what is left behind them. */
  #hear(bytes) {
    let at = 0;
    for (;;) {
      let head = 2;
      let size = bytes[at + 1];
      if (size === 126) [head, size] = [4, at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : Infinity];
      if (!(at + head + size <= bytes.length)) return bytes.subarray(at);
      if (bytes[at + head] === message) this.#heard += 1;
      at += head + size;
      if (this.#heard === this.#due) this.#enough();
    }
  }
}
