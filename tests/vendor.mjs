// Puts the pinned Socket.IO client where the chat page loads it from: web/vendor/socket.io.min.js (not in git).

import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const client = new URL('./node_modules/socket.io-client/dist/socket.io.min.js', import.meta.url);
const vendor = new URL('../web/vendor/', import.meta.url);

mkdirSync(vendor, { recursive: true });
copyFileSync(client, new URL('socket.io.min.js', vendor));
console.log(`${fileURLToPath(vendor)}socket.io.min.js`);
