import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * What programs can still get, in bytes: of the machine, and within the limit of this process's control group and of each above it. `root`
 * is where /proc and /sys are.
 */
export function availableMemory(root = '/'): number {
  return Math.max(0, Math.min(ofMachine(root), ...withinGroups(root)));
}

function ofMachine(root: string): number {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(read(join(root, 'proc/meminfo')))?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

/** The two kinds of control groups, cgroup_v2 and memory of cgroup_v1, as the kernel's documentation names their files. */
const KINDS = [
  { mount: 'sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' },
  {
    mount: 'sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cache: 'total_inactive_file',
  },
] as const;

function withinGroups(root: string): number[] {
  const groups = read(join(root, 'proc/self/cgroup'));
  const [v2, v1] = [/^0::(.*)$/m, /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m].map(
    (pattern) => pattern.exec(groups)?.[1],
  );
  return KINDS.flatMap((kind, index) => {
    const own = index === 0 ? v2 : v1;
    return own === undefined
      ? []
      : upwards(own).flatMap((path) => leftIn(join(root, kind.mount, path), kind));
  });
}

/** A container may see the path of the machine's, but only its own group, as the root: folders that are not there say nothing. */
function upwards(path: string): string[] {
  return path === '/' || path === '.' ? ['/'] : [path, ...upwards(dirname(path))];
}

/** Files in memory that were not used lately are given up when a program wants their place. */
function leftIn(folder: string, { limit, used, cache }: (typeof KINDS)[number]): number[] {
  const most = Number(read(join(folder, limit)) || 'none');
  const usage = Number(read(join(folder, used)) || 'none');
  if (!Number.isFinite(most) || !Number.isFinite(usage)) return [];
  const stat = read(join(folder, 'memory.stat'));
  const reclaimable = Number(new RegExp(`^${cache} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  return [most - usage + reclaimable];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
