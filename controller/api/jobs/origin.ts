import type { Job } from '#controller/store';

/** The job whose artifacts and tests are this one's: its own, unless a rerun took the result over from another one. */
export function originOf({ id, reused_from: origin }: Pick<Job, 'id' | 'reused_from'>): string {
  return origin ?? id;
}
