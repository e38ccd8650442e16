import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseEnvironment, spawnStep, type ProcessEnd, type StepProcess } from '../steps/index.ts';
import {
  killDescendants,
  openOutputPipe,
  type Folders,
  type Libc,
  type OutputPipe,
} from '../system/index.ts';
import { abortable } from '#shared/abortable';
import type { OutputTail } from './output-tail.ts';

interface Run {
  folders: Folders;
  libc: Libc;
  output: OutputTail;
  /** Its reason is what is said of a script that did not end before. */
  signal: AbortSignal;
}

const SHELL = '/bin/sh';
/** How long to wait for a process that was killed and for the end of its output: both may be in the hands of another user, or of a disk. */
const LINGER_MS = 2_000;

/**
 * Runs the script in a fresh folder, with the environment that a step would have and nothing of a job's. Whatever it started is killed at
 * its end: the node must be fresh for its job.
 *
 * @throws Error that says how it failed
 */
export async function runScript(script: string, { folders, libc, output, signal }: Run): Promise<void> {
  signal.throwIfAborted();
  const folder = mkdtempSync(join(folders.steps, 'check-'));
  const file = join(folder, 'script');
  const place = join(folder, 'place');
  try {
    writeFileSync(file, script, { mode: 0o600 });
    mkdirSync(place);
    const environment = {
      ...baseEnvironment(process.env, folders.root),
      CI: 'true',
      FOOTMAN: 'true',
      FOOTMAN_WORKSPACE: folders.workspace,
    };
    const command = { file: SHELL, args: ['-e', file] };
    judge(await runToEnd((pipe) => spawnStep({ command, folder: place, environment, output: pipe })));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  async function runToEnd(start: (pipe: OutputPipe) => Promise<StepProcess>): Promise<ProcessEnd> {
    const pipe = openOutputPipe(libc, output.write);
    try {
      const process = await start(pipe);
      const kill = (): void => killDescendants(libc, new Set([process.group]));
      try {
        return await abortable(process.ended, signal);
      } finally {
        kill();
        await withinLinger(Promise.all([process.ended, pipe.ended]));
      }
    } finally {
      pipe.closeWritable();
      pipe.abandon();
    }
  }
}

function judge({ exit, signal }: ProcessEnd): void {
  if (exit === 0) return;
  throw new Error(exit === null ? `it was killed by ${signal}` : `it ended with exit code ${exit}`);
}

async function withinLinger(promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, LINGER_MS);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
