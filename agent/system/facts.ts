import { readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import type { Facts } from '#shared/protocol';
import { freeBytes } from './free-bytes.ts';

/** What the node is, for people and for checks. `folder` is where the workspace lies. */
export function findFacts(folder: string): Facts {
  return {
    os: readOsName() ?? 'linux',
    architecture: arch(),
    kernel: release(),
    hostname: hostname() || 'localhost',
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    diskFreeBytes: freeBytes(folder),
    diskBytes: 0,
    osId: null,
    osVersion: null,
    virtualization: null,
    bootId: readBootId(),
  };
}

/** Such as `Debian GNU/Linux 12 (bookworm)`, from os-release(5); undefined in an image that has none. */
function readOsName(): string | undefined {
  try {
    const name = /^PRETTY_NAME=["']?(.*?)["']?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return name?.slice(0, 256) || undefined;
  } catch {
    return undefined;
  }
}

/** Null where `/proc` is hidden. */
function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
