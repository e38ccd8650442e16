import { readFileSync, readdirSync } from 'node:fs';
import type { Libc } from './libc.ts';

/** A process as /proc/PID/stat tells of it. */
interface ProcessStat {
  pid: number;
  parent: number;
  isZombie: boolean;
}

/**
 * Kills everything that this process has started, directly or not, whatever session or process group it made for itself. It finds all
 * of them because orphans become our children (`Libc.adoptOrphans`), and comes to an end because whoever has a SIGKILL coming can't fork. The
 * exit status of those in `ours` is left to Node.js.
 */
export function killDescendants(libc: Libc, ours: ReadonlySet<number> = new Set()): void {
  const killed = new Set<number>();
  for (let found = findDescendants(killed); found.length > 0; found = findDescendants(killed)) {
    for (const pid of found) {
      kill(pid);
      killed.add(pid);
    }
  }
  reapOrphans(libc, ours);
}

/** Takes the exit status of adopted children that have died; those in `ours` are left to Node.js. */
export function reapOrphans(libc: Libc, ours: ReadonlySet<number>): void {
  for (const { pid, isZombie } of childrenOf(process.pid)) {
    if (isZombie && !ours.has(pid)) libc.reap(pid);
  }
}

function findDescendants(known: ReadonlySet<number>): number[] {
  const found = childrenOf(process.pid);
  for (const { pid } of found) found.push(...childrenOf(pid));
  return found.filter(({ pid, isZombie }) => !isZombie && !known.has(pid)).map(({ pid }) => pid);
}

/** A process's children, from the kernel's own list; where the kernel keeps none, from the list of all processes. */
function childrenOf(pid: number): ProcessStat[] {
  try {
    return threadsOf(pid)
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' '))
      .flatMap((child) => readStat(child));
  } catch {
    return readAllStats().filter(({ parent }) => parent === pid);
  }
}

/** Our own children are all of our main thread: it starts the steps, and orphans come to it. */
function threadsOf(pid: number): string[] {
  return pid === process.pid ? [`${pid}`] : readdirSync(`/proc/${pid}/task`);
}

function readAllStats(): ProcessStat[] {
  try {
    return readdirSync('/proc').flatMap((name) => readStat(name));
  } catch {
    return [];
  }
}

/** `PID (COMMAND) STATE PARENT …`, where the command may have blanks and parentheses of its own. Empty for what is no process any more. */
function readStat(name: string): [ProcessStat] | [] {
  const pid = Number(name);
  if (name === '' || !Number.isInteger(pid)) return [];
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid, parent: Number(parent), isZombie: state === 'Z' || state === 'X' }];
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster, or is another user's.
  }
}
