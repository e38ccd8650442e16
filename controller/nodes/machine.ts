import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';

/** What is left of the controller's own machine. */
export interface Machine {
  /** Bytes that are free on the disk of the data folder. */
  freeDiskBytes(): Promise<number>;
  /** Bytes that programs can still get: MemAvailable on Linux, caches that can go included. */
  freeMemoryBytes(): number;
}

/** `folder` is the data folder. */
export function createMachine(folder: string): Machine {
  return {
    async freeDiskBytes() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    freeMemoryBytes: () => freemem(),
  };
}
