import { referencesIn } from '#shared/expressions';
import type { Job } from '../pipeline.ts';
import type { Step } from '../step.ts';
import { stepsOfJob } from './steps-of-job.ts';

/** Names of all secrets that any step of the job may be given, sorted. */
export function secretsOfJob(job: Job): string[] {
  const names = stepsOfJob(job).flatMap(({ step }) => secretsOfStep(step));
  return [...new Set(names)].toSorted();
}

/** Names of the secrets that the step is given. */
export function secretsOfStep(step: Step): string[] {
  const credentials = step.kind === 'checkout' ? [step.checkout.token, step.checkout.sshKey] : [];
  const templates = [...Object.values(step.env), ...credentials].filter((text) => text !== undefined);
  const names = templates
    .flatMap((text) => referencesIn(text, 'template'))
    .flatMap(({ path: [context, name] }) => (context === 'secrets' && name !== undefined ? [name] : []));
  return [...new Set(names)];
}
