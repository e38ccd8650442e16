import type { Access, Visitor } from '#controller/access';
import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';
import type { Line } from './line.ts';

/** Somebody who has logged in, and what they have open. */
export interface Guest {
  readonly access: Access;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly holdId: string;
  readonly who: Visitor;
  readonly peer: string | null;
  /** Aborts when the connection is closed. */
  readonly gone: AbortSignal;
  readonly lines: Set<Line>;
  /** Something went over the connection. */
  touch(): void;
}
