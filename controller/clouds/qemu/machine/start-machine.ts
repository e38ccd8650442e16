import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import { qemuArguments, type MachineSpec } from './command-line.ts';
import { readStatus } from './power.ts';

export type StartResult = 'started' | 'port-taken';

const LOOK_MS = 20;
/** The end of what QEMU says, in characters, that an error repeats. */
const MOST_WORDS = 2000;

const PORT_TAKEN = /could not set up host forwarding rule/i;
/** What QEMU says on a machine that is full. */
const FULL = /cannot allocate memory|cannot set up guest memory|no space left on device|too many open files/i;
/** What does not go away by itself: no such accelerator, no right to it. */
const WRONG =
  /could not configure|permission denied|operation not permitted|invalid accelerator|failed to initialize|not supported/i;

/**
 * Starts the machine and resolves when QEMU answers; it goes on by itself, whatever becomes of us. Its overlay and its seed are there.
 * When the signal aborts, QEMU may have been started all the same.
 *
 * @throws FootmanError `host-unfit` where there is no QEMU, else `cloud-aborted`, `cloud-refused` or `cloud-unavailable` with what it says.
 */
export async function startMachine(
  program: string,
  spec: MachineSpec,
  signal: AbortSignal,
): Promise<StartResult> {
  signal.throwIfAborted();
  // Not by QEMU's own -daemonize: that goes with no sandbox that keeps it from starting programs.
  const child = spawn(program, qemuArguments(spec), {
    cwd: spec.folder.path,
    // The controller's variables may be secrets.
    env: { PATH: process.env['PATH'] },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.unref();
  let words = '';
  child.stderr.on('data', (bytes: Buffer) => (words = (words + bytes.toString()).slice(-MOST_WORDS)));
  try {
    const ended = endOf(child, program);
    ended.catch(() => undefined);
    await Promise.race([waitForAnswer(spec, child, signal), ended]);
    return 'started';
  } catch (error) {
    if (signal.aborted || (error instanceof FootmanError && error.code === 'host-unfit')) throw error;
    if (PORT_TAKEN.test(words)) return 'port-taken';
    throw explainStart(words.trim(), error);
  } finally {
    // What it says later goes nowhere: a guest must not be able to fill a disk with QEMU's complaints.
    child.stderr.destroy();
  }
}

async function waitForAnswer(
  { folder }: MachineSpec,
  child: ChildProcess,
  signal: AbortSignal,
): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await readStatus(folder, signal);
      return;
    } catch {
      await setTimeout(LOOK_MS, undefined, { signal });
    }
  }
}

/** After its words have been heard. */
async function endOf(child: ChildProcess, program: string): Promise<never> {
  const [code, killedBy] = await once(child, 'close').catch((cause: unknown) => {
    throw new FootmanError('host-unfit', `${program} could not be started`, {
      hint: 'on Debian: apt-get install qemu-system-x86',
      cause,
    });
  });
  throw new Error(code === null ? `it was ended by ${killedBy}` : `it ended with exit code ${code}`);
}

function explainStart(words: string, cause: unknown): FootmanError {
  const code = FULL.test(words) ? 'cloud-aborted' : WRONG.test(words) ? 'cloud-refused' : 'cloud-unavailable';
  const why = words !== '' || !(cause instanceof Error) ? words : cause.message;
  return new FootmanError(code, `QEMU does not start: ${why}`, { cause });
}
