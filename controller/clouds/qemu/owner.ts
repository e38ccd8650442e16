import { createHash } from 'node:crypto';

/** What names of a controller's own files have in them, where several controllers have one folder. */
export function ownerOf(controllerId: string): string {
  return createHash('sha256').update(controllerId).digest('hex').slice(0, 8);
}
