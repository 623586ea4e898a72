// The load generator's processes: the one that measures, and where a load has it, the one that keeps the server busy.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { generatorCore, loadGenerator, pinned } from './servers.mjs';
import { faultNames } from './table.mjs';

const run = promisify(execFile);
const endless = 3600; // s: it is told when to end

/** Starts what runs beside, and waits until it is under way. The answer: { pid, stop() }; stop() tells its report. */
async function startBeside(words, { port }, workers) {
  // Behind the one that measures, on whose core it is.
  const command = ['nice', '-n', '19', loadGenerator, ...words, '--port', String(port)];
  command.push('--warm-up', '0', '--seconds', String(endless), '--announce', '--json');
  const [file, ...rest] = pinned(generatorCore(), workers, command);
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const output = text(child.stdout);
  const lines = createInterface({ input: child.stderr });
  let said = '';
  lines.on('line', (line) => (said = line));
  await Promise.race([once(lines, 'line'), ended]);
  if (said !== 'under way') throw new Error(`the generator beside did not begin: ${said}`);
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      const [status] = await ended;
      process.off('exit', kill);
      if (status !== 0 && status !== 1) throw new Error(said);
      return JSON.parse(await output);
    },
  };
}

async function generate(command, workers) {
  const [file, ...rest] = pinned(generatorCore(), workers, command.map(String));
  // Status 1: messages went astray. That is told, not thrown.
  const { stdout } = await run(file, rest).catch((error) => {
    if (error.code === 1 && error.stdout) return error;
    throw error.stderr ? new Error(error.stderr.trim()) : error;
  });
  return JSON.parse(stdout);
}

/** One run of a load against a server that is there: the generator's report. */
export async function runLoad(load, server, seconds) {
  const beside = load.beside && (await startBeside(load.beside, server, load.workers));
  const command = [loadGenerator, ...load.words, '--port', server.port, '--process-tree', server.pid];
  const apart = server.redis ?? beside;
  if (apart) command.push('--apart', apart.pid);
  if (load.payload_bytes > 0) command.push('--size', load.payload_bytes);
  if (load.window > 0) command.push('--window', load.window);
  if (load.rate > 0) command.push('--rate', load.rate);
  if (server.tls) command.push('--tls');
  if (server.tellsAnswerTimes) command.push('--answer-times');
  command.push('--connections', load.connections, '--warm-up', Math.min(1, seconds / 2), '--seconds', seconds, '--json');
  const measured = generate(command, load.workers);
  if (!beside) return measured;
  await measured.catch(() => {}); // it is awaited below: first the other ends
  const other = await beside.stop();
  const report = await measured;
  for (const fault of faultNames) report[fault] += other[fault];
  return report;
}
