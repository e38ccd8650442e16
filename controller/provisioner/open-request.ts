import type { Waiting } from '#controller/queue';
import type { Decline, RequestState } from '#controller/store';

/** A node request that still wants its node. */
export interface OpenRequest extends Waiting {
  id: string;
  /** The job that asks; null for a pool. */
  jobId: string | null;
  /** The template whose pool asks: its only candidate; null for jobs. */
  pool: { cloud: string; template: string } | null;
  runsOn: string;
  state: Extract<RequestState, 'requested' | 'pending'>;
  /** The newest of each candidate, oldest first. */
  declines: readonly Decline[];
  /** Milliseconds since the epoch. */
  createdAt: number;
}
