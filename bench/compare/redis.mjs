// The Redis between the processes of a server: on a Unix socket in a folder of its own, without port and persistence.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

async function answering(child) {
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('eady to accept connections')) return child.stdout.resume();
  throw new Error('redis-server did not start');
}

/** Starts it and waits until it answers. The answer: { pid, path, url, stop() }. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), 'chorus-bench-'));
  const path = join(folder, 'redis.sock');
  const words = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').finally(() => rmSync(folder, { recursive: true, force: true }));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await answering(child);
  return {
    pid: child.pid,
    path,
    url: `unix://${path}`,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}
