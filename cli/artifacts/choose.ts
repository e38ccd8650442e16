import type { Artifact, Build, Job } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client } from '../client/index.ts';
import { attemptsOf, findTarget, hintFor } from '../target.ts';
import { isOver } from './is-over.ts';

/** An artifact and the job that left it. */
export interface Chosen {
  job: Job;
  artifact: Artifact;
}

interface Names {
  build: string;
  /** A job's key, or its id in the pipeline for all cells of its matrix. */
  job?: string | undefined;
  artifact?: string | undefined;
}

/** What the last attempts at jobs left, all of it or what is named. @throws FootmanError `not-found` */
export async function choose(
  client: Client,
  { build: name, job, artifact }: Names,
): Promise<{ build: Build; chosen: Chosen[] }> {
  const target = await findTarget(client, name, { job });
  const { build, jobs = attemptsOf(build, undefined), step } = target;
  if (step !== undefined) throw new FootmanError('not-found', `build ${build.number} has no job ${job}`);
  const all = jobs.flatMap((one) => one.artifacts.map((left) => ({ job: one, artifact: left })));
  if (artifact === undefined) return { build, chosen: all };
  const chosen = all.filter((one) => one.artifact.name === artifact);
  if (chosen.length > 0) return { build, chosen };
  const names = [...new Set(all.map((one) => one.artifact.name))];
  throw new FootmanError('not-found', `job ${job} of build ${build.number} has no artifact ${artifact}`, {
    hint: names.length === 0 ? 'it has none at all' : hintFor(artifact, names),
  });
}

/** The only one that is named. @throws FootmanError `not-found`, `request-invalid` where there are several */
export async function chooseOne(client: Client, names: Required<Names>): Promise<Chosen> {
  const { build, chosen } = await choose(client, names);
  const [only, ...others] = chosen;
  if (only !== undefined && others.length === 0) return only;
  const keys = chosen.map(({ job }) => job.key).join(', ');
  throw new FootmanError('request-invalid', `build ${build.number} has ${chosen.length} jobs ${names.job}`, {
    hint: `name one of ${keys}`,
  });
}

/** @throws FootmanError `conflict` where it may be complete later, `not-found` where it never will be */
export function requireComplete({ name, state, reason }: Artifact): void {
  if (state === 'complete') return;
  const why = reason === null ? '' : `: ${reason}`;
  throw new FootmanError(isOver({ state }) ? 'not-found' : 'conflict', `artifact ${name} is ${state}${why}`);
}
