// Programs under callgrind, and what it counted.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const isThere = () => spawnSync('valgrind', ['--version'], { stdio: 'ignore' }).status === 0;

/** The instructions of one file that callgrind wrote. */
function instructionsIn(file) {
  const [, count] = /^totals: (\d+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  if (!count) throw new Error(`${file} says nothing about instructions`);
  return Number(count);
}

/**
 * Runs a program under callgrind until it ends. `during(line)` sees each line it prints, and may let it wait.
 * The answer: its instructions, in the order of the files that callgrind wrote; the last one is what no dump had.
 */
export async function count(program, { options = [], env = {}, during }) {
  const folder = mkdtempSync(join(tmpdir(), 'chorus-instructions-'));
  try {
    const child = spawn('valgrind', ['--quiet', '--tool=callgrind', `--callgrind-out-file=${folder}/out`, ...options, program],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    try {
      for await (const line of createInterface({ input: child.stdout })) await during(line, child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      process.off('exit', end);
    }
    const [code, signal] = await ended;
    if (code !== 0) throw new Error(`${program} ended with ${signal ?? code}`);
    // out.1, out.2, ... and at the end out
    const number = (name) => Number(name.split('.')[1] ?? Infinity);
    return readdirSync(folder).sort((a, b) => number(a) - number(b)).map((name) => instructionsIn(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
