import { statfsSync } from 'node:fs';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import type { Facts } from '#shared/protocol';
import { readBootId } from './boot-id.ts';
import { freeBytes } from './free-bytes.ts';
import { readOsRelease } from './os-release.ts';
import { findVirtualization } from './virtualization.ts';

/** What the node is, for people and for checks. `folder` is where the workspace lies. */
export function findFacts(folder: string): Facts {
  const { name, id, version } = readOsRelease();
  return {
    os: name ?? 'linux',
    architecture: arch(),
    kernel: release(),
    hostname: hostname() || 'localhost',
    cpus: availableParallelism(),
    memoryBytes: memoryBytes(),
    diskFreeBytes: freeBytes(folder),
    diskBytes: diskBytes(folder),
    osId: id,
    osVersion: version,
    virtualization: findVirtualization(),
    bootId: readBootId(process.env),
  };
}

/** Of the machine, or what its control group may have where that is less, as in a container. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** All of the file system, in bytes; 0 where nobody knows. */
function diskBytes(folder: string): number {
  try {
    const { blocks, bsize } = statfsSync(folder);
    return blocks * bsize;
  } catch {
    return 0;
  }
}
