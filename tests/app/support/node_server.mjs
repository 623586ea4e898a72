// A server of socket.io for Node, with its standard adapter on a test's Redis.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';

/** `{ server, url }`, as long as the test runs. */
export async function startNodeServer(t, redis) {
  const http = createServer();
  const [pub, sub] = [await redis.client(t), await redis.client(t)];
  const server = new Server(http, { adapter: createAdapter(pub, sub, { requestsTimeout: 3000 }) });
  t.after(() => new Promise((done) => server.close(done)));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { server, url: `http://127.0.0.1:${http.address().port}` };
}
