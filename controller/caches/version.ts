import { createHash } from 'node:crypto';
import type { Cache } from '#shared/pipeline';

/** Raised when the form of the file changes: then no older one is found. */
const FORM = 1;

/** Stands for the paths: a file with others would be unpacked elsewhere. */
export function versionOf({ paths }: Cache): string {
  return createHash('sha256')
    .update(JSON.stringify([FORM, ...paths]))
    .digest('hex');
}
