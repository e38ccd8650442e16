import type { Written } from '#controller/config';

/**
 * What a change takes: `now` a reload applies it; `restart` only the controller's next start does; `refused` a reload is refused as a
 * whole because of it.
 */
export type Takes = 'now' | 'restart' | 'refused';

/** One difference between the configuration that runs and another one. */
export interface Change {
  /** Keys in the file that lead to what differs. */
  path: readonly string[];
  kind: 'added' | 'removed' | 'changed';
  takes: Takes;
  /** The values as the file would have them, without secrets; null where there is none, or it is a whole section. */
  from: Written | null;
  to: Written | null;
  /** What changes, for people. */
  sentence: string;
  /** Why it is refused, or only the next start applies it; null for what a reload applies. */
  why: string | null;
}
