import { accessSync, constants } from 'node:fs';
import { describe } from 'vitest';
import { optionalService } from './optional.ts';

export const BUSYBOX = '/bin/busybox';

/** A shell that scripts of steps have to run in, as words. */
export type ShellWords = readonly string[];

/** A suite for each: whatever `sh` is here, and that of busybox, as Alpine has it. */
export function describeShells(body: (shell: ShellWords) => void): void {
  describe('with sh', () => body(['sh']));
  optionalService('busybox', busyboxMissing())('with busybox sh', () => body([BUSYBOX, 'sh']));
}

export function busyboxMissing(): string | undefined {
  try {
    accessSync(BUSYBOX, constants.X_OK);
    return undefined;
  } catch {
    return `${BUSYBOX} is not there; install busybox-static`;
  }
}
