import type { Secrets } from '#controller/secrets';
import { findBuild, findJob, type Db, type Hold } from '#controller/store';
import { secretsOfJob } from '#shared/pipeline';

/** The values that may be on the hold's node: those of all secrets that its job names, also of those that do not stay there. */
export async function secretsOfHold(
  db: Db,
  secrets: Pick<Secrets, 'resolve'>,
  hold: Hold,
): Promise<string[]> {
  const job = await findJob(db, hold.scene_job_id);
  const build = job && (await findBuild(db, job.build_id));
  if (job === undefined || build === undefined) return [];
  return [...(await secrets.resolve(build, secretsOfJob(job.spec))).values()];
}
