import { inChunks } from './chunks.ts';
import type { Db } from './db.ts';
import type { NewJob } from './schema.ts';

/** Of a job, by which it is found. */
export const termOf = {
  pipeline: (name: string) => `pipeline:${name}`,
  project: (id: string) => `project:${id}`,
  branch: (name: string) => `branch:${name}`,
  label: (label: string) => `label:${label}`,
};

/** For jobs that were inserted just now. */
export async function insertBuildTerms(
  db: Db,
  jobs: readonly Pick<NewJob, 'id' | 'build_id'>[],
): Promise<void> {
  const builds = await db
    .selectFrom('builds')
    .select(['id', 'pipeline', 'project_id', 'trigger'])
    .where('id', 'in', [...new Set(jobs.map(({ build_id }) => build_id))])
    .execute();
  const terms = builds.flatMap(({ id, pipeline, project_id: project, trigger: { branch } }) => {
    const ofBuild = [termOf.pipeline(pipeline)];
    if (project !== null) ofBuild.push(termOf.project(project));
    if (branch !== undefined) ofBuild.push(termOf.branch(branch));
    const own = jobs.filter(({ build_id }) => build_id === id);
    return own.flatMap((job) => ofBuild.map((term) => ({ job_id: job.id, term })));
  });
  await inChunks(terms, (chunk) => db.insertInto('job_terms').values(chunk).execute());
}

/** For a job that got these nodes. */
export async function insertLabelTerms(db: Db, jobId: string, nodeIds: readonly string[]): Promise<void> {
  const nodes = await db.selectFrom('nodes').select('labels').where('id', 'in', nodeIds).execute();
  const labels = [...new Set(nodes.flatMap((node) => node.labels))];
  if (labels.length === 0) return;
  await db
    .insertInto('job_terms')
    .values(labels.map((label) => ({ job_id: jobId, term: termOf.label(label) })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
