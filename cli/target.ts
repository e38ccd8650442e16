import type { Build, Job, Step } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';
import type { Client } from './client/index.ts';

/** What BUILD, BUILD/JOB or BUILD/JOB/STEP names. */
export interface Target {
  build: Build;
  /** One, or all cells of a matrix; undefined where only the build was named. */
  jobs?: Job[];
  /** Of the only job. */
  step?: Step;
}

interface Options {
  /** A job's key that was given by itself. */
  job?: string | undefined;
  /** Which attempt at the jobs; the last one if absent. */
  attempt?: number | undefined;
}

/** A build's number or id as it was written, where people put `#` before numbers. */
export function buildName(text: string): string {
  return text.replace(/^#/, '');
}

/** @throws FootmanError `not-found`, with the names that are nearest. */
export async function findTarget(
  client: Client,
  text: string,
  { job: key, attempt }: Options = {},
): Promise<Target> {
  const [name = '', ...rest] = text.split('/');
  const build = await client.build(buildName(name));
  const path = [...rest, ...(key === undefined ? [] : [key])].join('/');
  if (path === '') return { build };
  const jobs = jobsNamed(build, path, attempt);
  const [only, ...others] = jobs.found;
  if (jobs.rest === '' || only === undefined) return { build, jobs: jobs.found };
  if (others.length > 0) {
    const keys = jobs.found.map((job) => job.key).join(', ');
    throw new FootmanError('not-found', `${jobs.name} is ${jobs.found.length} jobs: name one of ${keys}`);
  }
  return { build, jobs: [only], step: stepNamed(only, jobs.rest) };
}

/** Attempts that others have taken the place of are left out, but for the one that is asked for. */
export function attemptsOf({ jobs }: Build, attempt: number | undefined): Job[] {
  return jobs.filter((job) => (attempt === undefined ? !job.superseded : job.attempt === attempt));
}

interface Named {
  name: string;
  found: Job[];
  /** What follows the job's name: a step. */
  rest: string;
}

/** Keys of cells and names of steps may have slashes: the longest name that fits counts. */
function jobsNamed(build: Build, path: string, attempt: number | undefined): Named {
  const parts = path.replace(/\/$/, '').split('/');
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join('/');
    const meant = build.jobs.filter(({ key, base, id }) => [key, base, id].includes(name));
    if (meant.length === 0) continue;
    const found = meant.some(({ id }) => id === name)
      ? meant
      : attemptsOf({ ...build, jobs: meant }, attempt);
    if (found.length === 0) throw noAttempt(name, attempt, meant);
    return { name, found, rest: parts.slice(length).join('/') };
  }
  const [wrong = ''] = parts;
  const keys = [...new Set(build.jobs.map(({ key }) => key))];
  throw missing(`build ${build.number} has no job ${wrong}`, wrong, keys);
}

function stepNamed(job: Job, name: string): Step {
  const step = job.steps.find((one) => one.name === name) ?? job.steps[Number(name) - 1];
  if (step !== undefined) return step;
  const names = job.steps.map((one) => one.name);
  throw missing(`job ${job.key} has no step ${name}`, name, names);
}

function noAttempt(name: string, attempt: number | undefined, jobs: readonly Job[]): FootmanError {
  const last = Math.max(...jobs.map((job) => job.attempt));
  const message = `job ${name} has no attempt ${attempt}`;
  return new FootmanError('not-found', message, { hint: `the last one is ${last}` });
}

function missing(message: string, word: string, known: readonly string[]): FootmanError {
  return new FootmanError('not-found', message, { hint: hintFor(word, known) });
}

/** What there is in the place of a word that names nothing. */
export function hintFor(word: string, known: readonly string[]): string {
  const close = nearest(word, known);
  if (close.length > 0) return `did you mean ${close.join(' or ')}?`;
  return known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
}
