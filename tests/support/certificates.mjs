// Certificates for tests of TLS, made by openssl when they run: an authority, and who it vouches for.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PASSPHRASE = 'open sesame';

export class Authority {
  #folder = mkdtempSync(join(tmpdir(), 'chorus-tls-'));

  constructor() {
    this.certFile = join(this.#folder, 'authority.pem');
    this.keyFile = join(this.#folder, 'authority.key');
    this.#openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', '/CN=Test Authority', '-keyout', this.keyFile, '-out', this.certFile);
  }

  /** What Node's `ca` takes. */
  get ca() {
    return readFileSync(this.certFile);
  }

  /** A certificate with its key, vouched for: `{ certFile, keyFile, pfxFile, cert, key, pfx }`, the last with PASSPHRASE. */
  issue(name, hosts = []) {
    const file = (ending) => join(this.#folder, `${name}.${ending}`);
    const made = { certFile: file('pem'), keyFile: file('key'), pfxFile: file('pfx') };
    writeFileSync(file('ext'), `basicConstraints=CA:FALSE\n${hosts.length ? `subjectAltName=${hosts.join(',')}\n` : ''}`);
    this.#openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/O=Test/CN=${name}`,
      '-keyout', made.keyFile, '-out', file('csr'));
    this.#openssl('x509', '-req', '-in', file('csr'), '-CA', this.certFile, '-CAkey', this.keyFile, '-CAcreateserial',
      '-days', '2', '-extfile', file('ext'), '-out', made.certFile);
    this.#openssl('pkcs12', '-export', '-in', made.certFile, '-inkey', made.keyFile, '-passout', `pass:${PASSPHRASE}`,
      '-out', made.pfxFile);
    return {
      ...made, cert: readFileSync(made.certFile), key: readFileSync(made.keyFile), pfx: readFileSync(made.pfxFile),
    };
  }

  /** A file in the folder, with both in one. */
  joined({ cert, key }, name) {
    return this.write(name, `${cert}${key}`);
  }

  write(name, content) {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openssl(...args) {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
