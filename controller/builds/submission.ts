import type { BuildSource, Trigger, Trust } from '#controller/store';
import type { Value } from '#shared/expressions';
import type { Pipeline } from '#shared/pipeline';

/** What a build is made from. */
export interface Submission {
  pipeline: Pipeline;
  /** The pipeline file's name, for people. */
  file: string;
  source: BuildSource | null;
  projectId: string | null;
  trigger: Trigger;
  /** Every parameter of the pipeline, checked. */
  parameters: Record<string, Value>;
  trust: Trust;
  /** The build that this one repeats. */
  rerunOf: string | null;
}

export interface SubmitDefaults {
  /** How long a job may wait for a node when it doesn't say, in milliseconds. */
  queueTimeoutMs: number;
}
