import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { codeOf } from '#controller/files';

/** A process, told apart from a later one with the same number by the time of its start. */
export interface ProcessIdentity {
  pid: number;
  /** Time from the boot to the start, in ticks of 10 ms: field 22 of proc_pid_stat(5). */
  startTicks: number;
}

export interface KernelProcess extends ProcessIdentity {
  parent: number;
}

/**
 * The process with this number, or undefined when none runs; a zombie has ended and doesn't count.
 * It reads synchronously, which is some 10 µs, so that nothing comes between a look and a signal.
 */
export function readProcess(pid: number): KernelProcess | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  // The name stands in parentheses and may hold any character, a parenthesis too.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), startTicks: Number(rest[17]) };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return readProcess(identity.pid)?.startTicks === identity.startTicks;
}

/** Sends the signal to just this process; one that is gone, or another user's, is left alone. */
export function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error;
  }
}

/** Changes with every boot, and with it the meaning of all process numbers. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Ticks since the boot, never later than the start of a process that is started from now on. */
export async function readUptimeTicks(): Promise<number> {
  const uptime = await readFile('/proc/uptime', 'utf8');
  return Math.floor(Number.parseFloat(uptime) * 100) - 1;
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}
