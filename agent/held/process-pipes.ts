import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Libc } from '../system/index.ts';

/** Pipes for a process's three standard streams: real ones, which programs can open again by their names in /dev. */
export interface ProcessPipes {
  /** To be given to the process in this order, and closed here once it has them. */
  readonly given: readonly number[];
  closeGiven(): void;
  readonly input: Socket;
  readonly output: Socket;
  readonly errors: Socket;
}

/** @throws Error if no more files can be open */
export function openProcessPipes(libc: Libc): ProcessPipes {
  const open: number[] = [];
  const pipe = () => {
    const ends = libc.pipe();
    open.push(ends.readable, ends.writable);
    return ends;
  };
  try {
    const [input, output, errors] = [pipe(), pipe(), pipe()];
    const given = [input.readable, output.writable, errors.writable];
    return {
      given,
      closeGiven: () => given.forEach((end) => closeSync(end)),
      input: new Socket({ fd: input.writable, readable: false, writable: true }),
      output: new Socket({ fd: output.readable, readable: true, writable: false }),
      errors: new Socket({ fd: errors.readable, readable: true, writable: false }),
    };
  } catch (error) {
    for (const end of open) closeSync(end);
    throw error;
  }
}
