import { plainLine } from '#controller/projects';
import { z } from 'zod';

/** Kinds of values that several services send. What is not asked for is left out. */

export const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'is no full commit id');

/** A branch or a tag by its full name. */
export const ref = z.string().max(1024);

/** For people, or to be compared: a stranger's words become one plain line. */
export const text = z
  .string()
  .max(64 * 1024)
  .transform((words) => plainLine(words, 1024));

/** What services write for the commit before a ref was made, and for the one after it was removed. */
export function isNone(id: string): boolean {
  return /^0+$/.test(id);
}
