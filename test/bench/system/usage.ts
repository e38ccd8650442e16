import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** A clock tick of /proc/PID/stat: USER_HZ is 100 on all of Linux' common architectures. */
const TICK_MS = 10;
const KIB = 1024;
const NS_PER_MS = 1e6;

/** CPU time of the process, user and system, in milliseconds; its children's is not in it (proc(5), fields 14 and 15). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and parentheses; what follows the last one is numbers, from field 3 on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/**
 * The same of the threads that it has now, to the nanosecond: for what is too little to be counted in ticks.
 * Linux' Documentation/scheduler/sched-stats: the first field of schedstat is the time spent on a CPU.
 */
export function fineCpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const each = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return each.reduce((sum, ns) => sum + ns, 0) / NS_PER_MS;
}

/** Memory that the process holds, in bytes. */
export function rssBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** Most memory that it has held since `resetPeak`, in bytes. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kib] = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status) ?? [];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(kib) * KIB;
}
