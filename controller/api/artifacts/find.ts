import {
  artifactsOfJob,
  findArtifact,
  findJobByKey,
  latestArtifact,
  type Artifact,
  type Db,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { z } from 'zod';
import { requireBuild } from '../builds/find.ts';
import { originOf } from '../jobs/origin.ts';
import { requireProject } from '../projects/find.ts';
import type { LatestParams, LatestQuery, OfBuildParams } from './schema.ts';

/** @throws FootmanError `not-found` */
export async function requireArtifact(db: Db, id: string): Promise<Artifact> {
  const artifact = await findArtifact(db, id);
  if (artifact === undefined) throw new FootmanError('not-found', `there is no artifact ${id}`);
  return artifact;
}

/** The one that the last attempt at a job left, or has from the build that it repeats. @throws FootmanError `not-found` */
export async function requireArtifactOfBuild(
  db: Db,
  { build: buildName, job: key, name }: z.output<typeof OfBuildParams>,
): Promise<Artifact> {
  const build = await requireBuild(db, buildName);
  const job = await findJobByKey(db, build.id, key);
  if (job === undefined) throw new FootmanError('not-found', `build ${build.number} has no job ${key}`);
  const artifacts = await artifactsOfJob(db, originOf(job));
  const artifact = artifacts.find((one) => one.role === 'artifact' && one.name === name);
  if (artifact === undefined)
    throw new FootmanError('not-found', `job ${key} of build ${build.number} has no artifact ${name}`);
  return artifact;
}

/** The one that the newest good build of a branch left. @throws FootmanError `not-found` */
export async function requireLatestArtifact(
  db: Db,
  { job, name }: z.output<typeof LatestParams>,
  { pipeline, branch, project }: Pick<z.output<typeof LatestQuery>, 'pipeline' | 'branch' | 'project'>,
): Promise<Artifact> {
  const projectId = project === undefined ? undefined : (await requireProject(db, project)).id;
  const artifact = await latestArtifact(db, { pipeline, branch, projectId, job, name });
  if (artifact === undefined) {
    throw new FootmanError(
      'not-found',
      `no build of ${pipeline} on ${branch} that succeeded has an artifact ${name} of job ${job}`,
    );
  }
  return artifact;
}

/** Of what is not there, or not any more, nothing can be had. @throws FootmanError `not-found`, `gone` */
export function requireComplete({ name, state, reason }: Artifact): void {
  if (state === 'complete') return;
  if (state === 'expiring' || state === 'expired')
    throw new FootmanError('gone', `artifact ${name} has expired, and its files were removed`);
  const why = reason === null ? '' : `: ${reason}`;
  const hint = state === 'failed' || state === 'empty' ? {} : { hint: 'it may come yet: ask again later' };
  throw new FootmanError('not-found', `artifact ${name} has no files: it is ${state}${why}`, hint);
}
