// As dumb as a balancer can be: every TCP connection goes to the next node, and nothing of it is understood.
//
//   node balancer.mjs PORT NODE_PORT...
import { connect, createServer } from 'node:net';

const [port, ...nodes] = process.argv.slice(2).map(Number);
let turn = 0;

/** The next node that accepts, or nobody. */
function forward(client, tries = nodes.length) {
  if (tries === 0) return client.destroy();
  const node = connect(nodes[turn++ % nodes.length], '127.0.0.1');
  const refused = () => forward(client, tries - 1);
  node.once('error', refused);
  node.once('connect', () => {
    node.off('error', refused);
    for (const [from, to] of [[client, node], [node, client]]) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
}

const server = createServer((client) => {
  client.on('error', () => {}); // it may leave before a node is found
  forward(client);
});
server.listen(port, () => console.log(`Balancing on port ${server.address().port}`));
