import { findJob, type Db, type Job } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** @throws FootmanError `not-found` */
export async function requireJob(db: Db, id: string): Promise<Job> {
  const job = await findJob(db, id);
  if (job === undefined) throw new FootmanError('not-found', `there is no job ${id}`);
  return job;
}
