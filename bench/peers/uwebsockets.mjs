// socket.io on uWebSockets.js: one process.

import { Server } from 'socket.io';
import uWebSockets from 'uWebSockets.js';

import { addEvents } from './events.mjs';
import { host, options, port, ready } from './settings.mjs';

// Where its binary does not load, this package quietly takes a replacement in JavaScript: another server.
if (!String(uWebSockets.App).includes('[native code]')) throw new Error('uWebSockets.js has no binary for this Node.js');

const app = uWebSockets.App();
const io = new Server(options);
io.attachApp(app);
addEvents(io);
app.listen(host, port, (listening) => {
  if (!listening) throw new Error(`port ${port} is taken`);
  ready();
});
