// A worker of the origin system as a neighbour on Redis. One process is one worker.
//
//     node origin_worker.mjs VERSION PATH      VERSION: socket.io's, 2 or 4; PATH: Redis's Unix socket
//
// Sends its parent { port } once it serves and hears the bus. Of the parent it takes messages { id, event, args }, and
// dispatches them as its handlers do.

import { once } from 'node:events';
import { createServer } from 'node:http';
import NodeRedisPubsub from 'node-redis-pubsub';

import { serveChat } from '../../../bench/peers/origin_chat.mjs';

const [version, path] = process.argv.slice(2);

const bus = new NodeRedisPubsub({ path, scope: 'message' });
bus.on('error', (error) => console.error(String(error)));

const http = createServer();
const SocketServer = version === '2' ? (await import('socket.io-2')).default : (await import('socket.io')).Server;
const dispatch = await serveChat(new SocketServer(http).of('/socket'), bus);

process.on('message', dispatch).once('disconnect', () => process.exit());
http.listen(0, '127.0.0.1');
await once(http, 'listening');
process.send({ port: http.address().port });
