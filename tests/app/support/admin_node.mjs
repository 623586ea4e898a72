// A Node server that @socket.io/admin-ui looks into, in a cluster: prints its port. A process of its own, since what was
// instrumented goes on telling its counts until that ends.

import { createServer } from 'node:http';
import adminUi from '@socket.io/admin-ui';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const [pub, sub] = await Promise.all(
  [1, 2].map(async () => {
    const client = createClient({ socket: { path: process.argv[2] } });
    await client.connect();
    return client;
  }),
);
const http = createServer();
const io = new Server(http, { adapter: createAdapter(pub, sub, { requestsTimeout: 3000 }) });
io.of('/socket');
adminUi.instrument(io, { auth: false, serverId: 'node' });
http.listen(0, '127.0.0.1', () => console.log(http.address().port));
