// Drives the example with stock clients through the balancer, a new TCP connection for every request.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Device } from '../../tests/app/support/device.mjs';
import { until } from '../../tests/support/waiting.mjs';

const folder = mkdtempSync(join(tmpdir(), 'chorus-example-'));
const env = { ...process.env, PORT: '0', CLUSTER_STATE: join(folder, 'state'), XDG_RUNTIME_DIR: folder };
const run = (name) => execFileSync(new URL(name, import.meta.url).pathname, { env, encoding: 'utf8' });
const devices = [];
let program;
let pids;

before(() => {
  const url = /http:\S+/.exec(run('up'))[0];
  pids = Object.fromEntries([...readFileSync(join(env.CLUSTER_STATE, 'pids'), 'utf8').matchAll(/(\d+) (\w+)/g)].map(([, pid, name]) => [name, Number(pid)]));
  program = { url, nodes: async () => (await (await fetch(`${url}/healthz`)).json()).redis.nodes };
});
after(() => {
  for (const device of devices) device.leave();
  run('down');
  rmSync(folder, { recursive: true, force: true });
});

const arrive = async (user, transports) => {
  const device = await Device.arrive(program, user, { transports, agent: new Agent({ keepAlive: false }) });
  devices.push(device);
  return device;
};
/** The balancer spreads connections, not devices: a node may have none. */
const nodeWithDevices = async () => {
  for (const node of ['node1', 'node2', 'node3']) {
    const port = /Listening on port (\d+)/.exec(readFileSync(join(env.CLUSTER_STATE, `${node}.log`), 'utf8'))[1];
    const { users } = await (await fetch(`http://127.0.0.1:${port}/healthz`)).json();
    if (users > 0) return node;
  }
  return assert.fail('no node has devices');
};
const texts = (device) => device.all('chat_message').map(({ text }) => text);

test('a user is one user on all nodes, whatever node a request comes to', async () => {
  await until(async () => (await program.nodes()) === 2, 'the nodes know each other');
  for (let i = 0; i < 4; i += 1) {
    await arrive('ada', ['polling']);
    await arrive('ada', ['polling', 'websocket']);
  }
  const said = Array.from({ length: 24 }, (_, i) => `text ${i}`);
  for (const [i, text] of said.entries()) {
    const device = devices[i % devices.length];
    await until(() => texts(device).length === i, 'what the others said'); // else nothing tells which of two nodes was first
    await device.say(text, { user: 'ada' });
  }
  for (const device of devices) {
    await until(() => texts(device).length >= said.length, 'all of them');
    assert.deepEqual(texts(device), said);
  }
});

test('when a node is killed, its clients come back to another', async (t) => {
  const ids = () => devices.map(({ socket }) => socket.id).sort();
  const before = ids();
  const doomed = await nodeWithDevices();
  const ben = await Device.arrive(program, 'ben', { transports: ['websocket'] });
  t.after(() => ben.leave());
  process.kill(pids[doomed], 'SIGKILL'); // its process notices at once
  await until(() => ids().filter((id) => id && !before.includes(id)).length > 0, 'somebody is somewhere else');
  const listed = (device) => device.all('devices').at(-1)?.devices.map(({ socket }) => socket).sort();
  for (const device of devices) await until(() => String(listed(device)) === String(ids()), 'all are known again');
  await until(() => ben.socket.connected, 'so is Ben');
  await ben.say('and again', { user: 'ada' });
  for (const device of devices) await until(() => texts(device).at(-1) === 'and again', 'the message');
});
