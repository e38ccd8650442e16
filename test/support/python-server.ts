import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Debian's own: another Python on PATH has none of OpenStack's modules. */
export const PYTHON = '/usr/bin/python3';

/** A child of this process that ends with it. */
export interface Server {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a script that prints `ready` once it listens; resolves then. */
export async function startPythonServer(
  script: string,
  words: string[],
  env: Record<string, string> = {},
): Promise<Server> {
  const child = spawn(PYTHON, [script, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  const server = asServer(child);
  try {
    await ready(child);
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

/** A child that is ended like any other of these. */
export function asServer(child: ChildProcess): Server {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return {
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      kill();
      await gone;
    },
  };
}

async function ready({ stdout, stderr, spawnargs }: ChildProcess): Promise<void> {
  if (stdout === null || stderr === null) throw new Error('the server has no output');
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  for await (const line of createInterface({ input: stdout })) {
    if (line === 'ready') return;
  }
  throw new Error(`${spawnargs.join(' ')} did not start: ${complaint}`);
}
