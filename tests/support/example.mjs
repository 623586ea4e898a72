// Starts an example's binary (EXAMPLE_BIN) on a free port and stops it with SIGTERM.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, connect } from "node:net";
import * as clientModule from "socket.io-client";

export { clientModule };

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves when something accepts on the port; rejects when the process ends first. */
async function listening(port, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the example ended with code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const up = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (up) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** `command`: in place of EXAMPLE_BIN. `env`, `cwd`: of the process, besides what is there. */
export async function startExample({ command = [process.env.EXAMPLE_BIN], env = {}, cwd } = {}) {
  const port = await freePort();
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env, PORT: String(port) }, cwd, stdio: "inherit" });
  await listening(port, child);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      return code;
    },
  };
}

/** The arguments of the next `event`. */
export const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));
