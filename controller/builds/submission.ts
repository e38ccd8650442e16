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

/** A pipeline that somebody sends, without a project: whoever may send it is trusted with it. */
export function sentByHand({
  pipeline,
  file,
  source = null,
  parameters = {},
  actor,
}: Pick<Submission, 'pipeline' | 'file'> &
  Partial<Pick<Submission, 'source' | 'parameters'>> &
  Pick<Trigger, 'actor'>): Submission {
  const trigger: Trigger = { event: 'manual', ...(actor === undefined ? {} : { actor }) };
  return { pipeline, file, source, projectId: null, trigger, parameters, trust: 'trusted', rerunOf: null };
}

export interface SubmitDefaults {
  /** How long a job may wait for a node when it doesn't say, in milliseconds. */
  queueTimeoutMs: number;
}
