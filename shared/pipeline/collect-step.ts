import type { CollectStep, Job } from './pipeline.ts';

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
