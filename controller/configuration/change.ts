import type { Difference } from './differences.ts';

/**
 * What a change takes: `now` a reload applies it; `restart` only the controller's next start does; `refused` a reload is refused as a
 * whole because of it.
 */
export type Takes = 'now' | 'restart' | 'refused';

/** One difference between the configuration that runs and another one. */
export interface Change extends Difference {
  takes: Takes;
  /** What changes, for people. */
  sentence: string;
  /** Why it is refused, or only the next start applies it; null for what a reload applies. */
  why: string | null;
}

/** A difference with what is to be said of it. */
export function toChange(difference: Difference, verdict: Omit<Change, keyof Difference>): Change {
  return { ...difference, ...verdict };
}
