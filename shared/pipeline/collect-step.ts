import type { Job } from './pipeline.ts';
import type { CollectStep } from './step.ts';

/** The last step of a job that leaves something; none for a job that leaves nothing. */
export function collectStepOf({
  artifacts,
  reports,
}: Pick<Job, 'artifacts' | 'reports'>): CollectStep | undefined {
  if (artifacts.length === 0 && reports === undefined) return undefined;
  return {
    kind: 'collect',
    name: 'store what the job leaves',
    conditions: [],
    env: {},
    continueOnError: false,
  };
}
