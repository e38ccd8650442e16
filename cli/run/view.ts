import type { Build, Event, Job, Step } from '#controller/api';

/** Who watches a build. Methods are called in the order of what happened within a job; they resolve when there is room for more. */
export interface BuildView {
  /** Every event of the build, as it comes. */
  event(event: Event): Promise<void>;
  stepStarted(job: Job, step: Step): Promise<void>;
  output(job: Job, bytes: Buffer): Promise<void>;
  stepEnded(job: Job, step: Step): Promise<void>;
  /** `next` is the attempt that takes its place. */
  jobEnded(job: Job, next?: Job): Promise<void>;
  /** A job has been waiting for a node for a while; why. */
  waiting(job: Job, sentence: string): Promise<void>;
  /** The build as it is now: what is shown of its progress follows it. */
  progress(build: Build): void;
  close(): void;
}
