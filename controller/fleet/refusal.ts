import type { DeclineCode } from '#controller/store';

/** Why a candidate gets no launch now. */
export interface Refusal {
  code: DeclineCode;
  /** Stays the same from pass to pass while nothing changes: it is written to rows, and told to people. */
  reason: string;
  /** When it ends by itself, in milliseconds since the epoch; null when something has to happen first. */
  until: number | null;
}
