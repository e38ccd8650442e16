import type { Build, Job, Step } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';
import type { Client } from './client/index.ts';

/** What BUILD, BUILD/JOB or BUILD/JOB/STEP names. */
export interface Target {
  build: Build;
  job?: Job;
  step?: Step;
}

/** @throws FootmanError `not-found`, with the names that are nearest. */
export async function findTarget(client: Client, text: string): Promise<Target> {
  const [name = '', jobKey, ...rest] = text.split('/');
  const build = await client.build(name.replace(/^#/, ''));
  if (jobKey === undefined || jobKey === '') return { build };
  const job = build.jobs.find(({ key, id }) => key === jobKey || id === jobKey);
  const keys = build.jobs.map(({ key }) => key);
  if (job === undefined) throw missing(`build ${build.number} has no job ${jobKey}`, jobKey, keys);
  // A step's name may have slashes.
  const stepName = rest.join('/');
  if (stepName === '') return { build, job };
  const step = job.steps.find((one) => one.name === stepName) ?? job.steps[Number(stepName) - 1];
  if (step !== undefined) return { build, job, step };
  const names = job.steps.map((one) => one.name);
  throw missing(`job ${jobKey} has no step ${stepName}`, stepName, names);
}

function missing(message: string, word: string, known: readonly string[]): FootmanError {
  const close = nearest(word, known);
  const hint = close.length > 0 ? `did you mean ${close.join(' or ')}?` : `there are ${known.join(', ')}`;
  return new FootmanError('not-found', message, { hint });
}
