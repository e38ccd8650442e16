import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export const DAEMON = 'dockerd';

/** A dockerd that can be started again as it was. It ends with this process, or when the signal aborts. */
export interface DockerDaemon {
  /** Resolves once it listens. */
  start(): Promise<void>;
  /** SIGTERM; resolves when it is gone. Does nothing to one that is not running. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. What it has started may go on. */
  kill(): Promise<void>;
  isRunning(): boolean;
  /** It is not to be started again. */
  dispose(): Promise<void>;
}

export function createDaemon(
  daemonArguments: readonly string[],
  signal: AbortSignal | undefined,
): DockerDaemon {
  let server: ChildProcess | undefined;
  const end = () => void server?.kill();
  process.once('exit', end);
  signal?.addEventListener('abort', end, { once: true });

  return {
    async start() {
      server = spawn(DAEMON, daemonArguments, { stdio: ['ignore', 'ignore', 'pipe'] });
      await listening(server);
    },
    stop: () => stop('SIGTERM'),
    kill: () => stop('SIGKILL'),
    isRunning,
    async dispose() {
      await stop('SIGTERM');
      process.removeListener('exit', end);
      signal?.removeEventListener('abort', end);
    },
  };

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (server === undefined || !isRunning()) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  function isRunning(): boolean {
    return server !== undefined && server.exitCode === null && server.signalCode === null;
  }
}

async function listening(server: ChildProcess): Promise<void> {
  if (server.stderr === null) throw new Error('dockerd has no standard error');
  const said: string[] = [];
  const lines = createInterface(server.stderr);
  for await (const line of lines) {
    said.push(line);
    if (line.includes('API listen on')) {
      // Left unread, its words would fill the pipe and block it.
      server.stderr.resume();
      return;
    }
  }
  throw new Error(`dockerd ended:\n${said.slice(-10).join('\n')}`);
}
