import type { QueuedJob } from '#controller/scheduler';

/** A job of the simulated world, from its being queued to its end. */
export interface Job {
  readonly id: string;
  readonly queued: QueuedJob;
  /** How long it runs once it has its node, in milliseconds. */
  readonly durationMs: number;
  /** What becomes of its node when it ends. */
  readonly isHeld: boolean;
  readonly state: 'queued' | 'running' | 'finished';
  readonly nodeId: string | null;
  /** Milliseconds since the epoch. */
  readonly leasedAt: number | null;
  readonly endedAt: number | null;
  readonly result: 'success' | 'errored' | null;
  /** Why it is errored. */
  readonly reason: string | null;
}
