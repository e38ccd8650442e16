import type { Db } from '../db.ts';
import type { Artifact, Job } from '../schema.ts';

/** A job of a build that others may take artifacts from, and what it has. */
export interface ArtifactSource extends Pick<Job, 'id' | 'key' | 'matrix' | 'result'> {
  /** In the order of the pipeline. */
  artifacts: Artifact[];
}

/** The attempts that count at the job of this id, one for each cell, in their order. What a job reused from another build, it has from there. */
export async function artifactSources(db: Db, buildId: string, base: string): Promise<ArtifactSource[]> {
  const jobs = await db
    .selectFrom('jobs')
    .select(['id', 'key', 'matrix', 'result', 'reused_from'])
    .where('build_id', '=', buildId)
    .where('superseded', '=', 0)
    .where('base', '=', base)
    .orderBy('position')
    .execute();
  if (jobs.length === 0) return [];
  const artifacts = await db
    .selectFrom('artifacts')
    .selectAll()
    .where(
      'job_id',
      'in',
      jobs.map(({ id, reused_from: origin }) => origin ?? id),
    )
    .where('role', '=', 'artifact')
    .orderBy('position')
    .execute();
  return jobs.map(({ id, key, matrix, result, reused_from: origin }) => {
    const own = artifacts.filter((artifact) => artifact.job_id === (origin ?? id));
    return { id, key, matrix, result, artifacts: own };
  });
}
