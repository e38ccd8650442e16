import type { Cordons } from '#controller/fleet';
import type { ProjectUsage, Waiting } from '#controller/queue';
import type { Node, WantedImages } from '#controller/store';

/** A job that waits for its node. Times are milliseconds since the epoch. */
export interface QueuedJob extends Waiting {
  id: string;
  buildId: string;
  runsOn: string;
  /** What its node is to be made from; null is what the node's template says. */
  images: WantedImages | null;
  queuedAt: number;
  /** When it has waited for as long as it may. */
  deadline: number;
}

/**
 * What the scheduler knows and changes: the rows of the store, or those of a simulator. Reads show at least what this process has written.
 * Every change is a compare-and-swap and does nothing for a job that is not queued any more: whoever comes second does no harm.
 */
export interface QueueStore {
  /** Jobs that are queued, those of the smallest rank first, and at most so many. */
  queued(limit: number): Promise<readonly QueuedJob[]>;
  /** All ready nodes, connected or not, the one that has waited longest first. */
  ready(): Promise<readonly Node[]>;
  /** Nodes that jobs have now, by project. */
  usage(): Promise<ProjectUsage>;
  cordons(): Promise<Cordons>;
  /** Ids of the jobs that have an open request. */
  asked(): Promise<ReadonlySet<string>>;
  /**
   * `queued → leased`, together with `ready → leased` (I1), or nothing; then it says on whom it failed. `project full`: another scheduler has
   * given the project the last node that it may have.
   */
  place(job: QueuedJob, node: Node): Promise<'placed' | 'node taken' | 'job gone' | 'project full'>;
  /** Makes a node request for the job. Idempotent: one that has an open request gets no second one. */
  ask(job: QueuedJob): Promise<void>;
  /** The job has waited too long: it ends as `errored`, and says what kept it waiting. */
  giveUp(job: QueuedJob): Promise<void>;
}
