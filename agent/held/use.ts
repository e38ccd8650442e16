import type { ProcessEnd } from '../steps/index.ts';

/** A use of a channel that has begun. */
export interface Use {
  /** Resolves when all that it had to say is written; with null where no process is behind it. */
  readonly ended: Promise<ProcessEnd | null>;
  resize?(columns: number, rows: number): void;
  /** `name` without `SIG`. */
  signal?(name: string): void;
}
