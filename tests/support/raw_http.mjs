// HTTP as bytes, for what no proper client would send.

import { once } from 'node:events';
import { connect } from 'node:net';

import { deadline, until } from './waiting.mjs';

export class RawConnection {
  #received = [];

  static async open(fixture) {
    const socket = connect(fixture.port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  constructor(socket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (bytes) => this.#received.push(bytes));
    socket.on('error', () => {}); // told by 'close'
  }

  /** Resolves when the bytes are on their way. */
  write(bytes) {
    return new Promise((resolve) => this.socket.write(bytes, resolve));
  }

  get text() {
    return Buffer.concat(this.#received).toString('latin1');
  }

  /** What came until it matches. */
  async receive(pattern) {
    await until(() => pattern.test(this.text) || this.socket.destroyed, `${pattern} in ${this.text}`);
    return pattern.exec(this.text);
  }

  /** All that came until the server closed. */
  async receiveAll() {
    await deadline(this.ended, 'the end of the connection');
    return this.text;
  }

  close() {
    this.socket.destroy();
  }
}

/** The answer to one request given as bytes, until the server closes. */
export async function exchange(fixture, bytes) {
  const connection = await RawConnection.open(fixture);
  connection.write(bytes);
  return connection.receiveAll();
}
