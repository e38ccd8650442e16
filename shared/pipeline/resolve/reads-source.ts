import type { Job } from '../pipeline.ts';
import { stepsOfJob } from './steps-of-job.ts';

/** Whether the job wants the source that the build came with: it checks that out, or what is prepared for it depends on files there. */
export function readsSource(job: Job): boolean {
  const dependsOnFiles = (job.prepare?.files ?? []).length > 0;
  return (
    dependsOnFiles ||
    stepsOfJob(job).some(({ step }) => step.kind === 'checkout' && step.checkout.repository === undefined)
  );
}
