import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { signalGroup, type OutputPipe } from '../system/index.ts';
import type { Environment } from './environment.ts';
import type { Command } from './interpreter.ts';
import type { StopRequest } from './stop-request.ts';

/** How a process ended, as the operating system told it. */
export interface ProcessEnd {
  exit: number | null;
  signal: NodeJS.Signals | null;
}

/** The process of a step: the leader of a session and a process group of its own. */
export interface StepProcess {
  /** Its process group, and its own process id. */
  readonly group: number;
  /** Resolves when the process itself has ended, whatever it left behind. */
  readonly ended: Promise<ProcessEnd>;
}

interface Start {
  command: Command;
  folder: string;
  environment: Environment;
  output: OutputPipe;
}

/** @throws Error that tells why the process could not be started */
export async function spawnStep({ command, folder, environment, output }: Start): Promise<StepProcess> {
  requireFolder(folder);
  const child = spawn(command.file, command.args, {
    cwd: folder,
    env: environment,
    detached: true,
    // A bash whose standard input is a socket takes itself for a remote shell and reads ~/.bashrc.
    stdio: ['ignore', output.writable, output.writable],
  });
  output.closeWritable();
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (exit, signal) => resolve({ exit, signal }));
  });
  if (child.pid !== undefined) return { group: child.pid, ended };
  const [error] = (await once(child, 'error').catch((thrown: unknown) => [thrown])) as [Error];
  throw new Error(`${command.file} could not be started: ${error.message}`, { cause: error });
}

/** SIGTERM to the group when the signal asks for it, SIGKILL after the grace. Returns what stops that. */
export function stopOnRequest({ group }: StepProcess, stop: AbortSignal): () => void {
  let killing: NodeJS.Timeout | undefined;
  if (stop.aborted) terminate();
  else stop.addEventListener('abort', terminate);
  return () => {
    stop.removeEventListener('abort', terminate);
    clearTimeout(killing);
  };

  function terminate(): void {
    signalGroup(group, 'SIGTERM');
    killing = setTimeout(() => signalGroup(group, 'SIGKILL'), (stop.reason as StopRequest).graceMs);
  }
}

function requireFolder(folder: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`its working directory ${folder} does not exist`);
  if (!stat.isDirectory()) throw new Error(`its working directory ${folder} is not a directory`);
}
