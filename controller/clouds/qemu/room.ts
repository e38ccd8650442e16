import { readFile, statfs } from 'node:fs/promises';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';

/** With less a machine's first writes would stop it, and the controller has to live, too. */
const LEAST_DISK = 512 * 1024 * 1024;

/**
 * @throws FootmanError `cloud-aborted` where this machine has no room for one more machine now
 */
export async function checkRoom(folder: string, memoryBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const disk = bavail * bsize;
  if (disk < LEAST_DISK) {
    throw new FootmanError('cloud-aborted', `the disk of ${folder} is full: ${formatBytes(disk)} are free`, {
      hint: `a machine is started where ${formatBytes(LEAST_DISK)} are free`,
    });
  }
  const memory = await freeMemory();
  if (memory < memoryBytes) {
    const free = `${formatBytes(memory)} of memory are free`;
    throw new FootmanError(
      'cloud-aborted',
      `${free}, and the machine is to have ${formatBytes(memoryBytes)}`,
    );
  }
}

/** What programs can have without others being written to disk, by the kernel's own estimate. */
async function freeMemory(): Promise<number> {
  const [, kib = '0'] = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8')) ?? [];
  return Number(kib) * 1024;
}
