import { promises as fs } from 'node:fs';
import { posix } from 'node:path';
import { hasCode } from './refusal.ts';

/** A name of a file has one character a byte here, until a system call takes it. */
export function toPath(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}

/** From a text as Node has it. */
export function toName(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The absolute name without links; the last part alone need not be there. */
export async function realName(name: string): Promise<string> {
  try {
    return await fs.realpath(toPath(name), { encoding: 'latin1' });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    const folder = await fs.realpath(toPath(posix.dirname(name)), { encoding: 'latin1' });
    return posix.join(folder, posix.basename(name));
  }
}
