import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiClient, type ApiClient } from './api-client.ts';
import { FOOTMAN } from './footman.ts';
import { freePort } from './ports.ts';

/** A controller in a process of its own, which can be killed and started again on the same data. */
export interface ControllerProcess {
  api: ApiClient;
  url: string;
  data: string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill` or `stop`; resolves when it answers. */
  start(): Promise<void>;
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<void>;
  pid(): number;
}

interface Options {
  folder: string;
  /** footman.yaml without `data` and `listen`. */
  configuration: string;
  /** Added to this process's own. */
  env?: NodeJS.ProcessEnv;
}

export async function startControllerProcess({
  folder,
  configuration,
  env = {},
}: Options): Promise<ControllerProcess> {
  await mkdir(folder, { recursive: true });
  const data = join(folder, 'data');
  const port = await freePort();
  const file = join(folder, 'footman.yaml');
  await writeFile(file, `data: ${data}\nlisten: 127.0.0.1:${port}\nlog-level: error\n${configuration}`);
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(FOOTMAN, ['serve', '--config', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const exited = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the controller ended at its start (${code ?? signal})`);
    });
    // It prints where it listens once it does.
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exited]);
    exited.catch(() => undefined);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  await start();
  const url = `http://127.0.0.1:${port}`;
  return {
    api: createApiClient(url, data),
    url,
    data,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pid: () => child.pid as number,
  };
}
