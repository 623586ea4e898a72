// socket.io on Node's own HTTP server and `ws`: one process.

import { createServer } from 'node:http';

import { Server } from 'socket.io';

import { addEvents } from './events.mjs';
import { host, options, port, ready } from './settings.mjs';

const http = createServer({ keepAliveTimeout: 65_000 }); // as Chorus: polling clients keep theirs
addEvents(new Server(http, options));
http.listen({ port, host, backlog: 4096 }, ready);
