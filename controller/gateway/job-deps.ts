import type { Blobs } from '#controller/blobs';
import type { Caches } from '#controller/caches';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Logs } from '#controller/logs';
import type { Secrets } from '#controller/secrets';
import type { Build, Job, Node, Step, Store } from '#controller/store';
import type { Activity, AgentLink } from './activity.ts';
import type { LeaseLimits } from './limits.ts';

/** What driving jobs takes. */
export interface LeaseRunDeps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logs: Logs;
  blobs: Blobs;
  secrets: Pick<Secrets, 'resolve'>;
  caches: Caches;
  limits: LeaseLimits;
  /** Reads what tests told in the files of an artifact that is complete; resolves with a sentence for people. */
  readReports?(artifactId: string, signal: AbortSignal): Promise<string>;
  /** Whether the node's cloud restarts machines. */
  canReboot(node: Node): boolean;
  /** Whether it captures them. */
  canCapture(node: Node): boolean;
}

/** The same for one job on its node. */
export interface JobDeps extends LeaseRunDeps {
  build: Build;
  job: Job;
  nodeId: string;
}

/** The same for one of its steps. */
export interface StepDeps extends JobDeps {
  step: Step;
  link: AgentLink;
  begin(activity: Activity): void;
  /** Aborted, with the ending as its reason, when the step is to stop. */
  stop: AbortSignal;
  /** Aborted when the job has its result from elsewhere. */
  ended: AbortSignal;
  /** Aborted when this controller lets go of the job, for that or another reason. */
  signal: AbortSignal;
}
